"""The words of bands and steps, for pages and reports alike."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from risks.saliency import Band

BAND_WORDS = {
    Band.CRITICAL: pgettext_lazy("band of an issue", "Critical"),
    Band.HIGH: pgettext_lazy("band of an issue", "High"),
    Band.MEDIUM: pgettext_lazy("band of an issue", "Medium"),
    Band.LOW: pgettext_lazy("band of an issue", "Low"),
}
SEVERITY_WORDS = {1: _("Slight"), 2: _("Minor"), 3: _("Moderate"), 4: _("Serious"), 5: _("Grave")}
LIKELIHOOD_WORDS = {1: _("Remote"), 2: _("Unlikely"), 3: _("Possible"), 4: _("Likely"), 5: _("Certain or now")}
