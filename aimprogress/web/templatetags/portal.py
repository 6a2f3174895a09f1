"""Template tags and filters of the portal: `{% load i18n portal %}`.

{{ status.observed_at|age }}                    <time>: relative below 24 hours, else weekday and date; zone in title
{{ moment|local_time }}                         <time>: date, time and the zone's name
{{ report.month|month }}                        the month within a sentence; alone in a cell it is {{ report.month|date:"F Y" }}
{{ 36|percent_of:38 }}                          "94.7 %", by the rules of figures/percent.py
{% icon "evac" %}                               an icon of static/icons.svg, hidden from screen readers
{% pill "REDUCED" %}  {% pill key label %}      a status pill: icon and word; key is a status code or a css key
{{ code|status_key }}                           the css and icon key of a status code: ok, reduced, paused, evac...
{% query after=cursor before=None %}            the page's own query string with some parameters changed
{% if actor|may:"site:edit" %}                  what the reader may do; elements one may not use are absent
{% who_box "site" %}                            "Who can see this page", from code
{{ message|undo_url }}                          address of the Undo button of a message
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.template.context import RequestContext
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.percent import as_percent
from aimprogress.web import notices
from aimprogress.web.statuses import StatusMark, mark_of
from aimprogress.web.who_sees import who_box as sentences_of

register = template.Library()
register.filter("undo_url", notices.undo_url_of)

DAY = timedelta(days=1)


@register.filter
def age(moment: datetime | None) -> SafeString | str:
    """How long ago: minutes and hours below a day, else the weekday and date; the full time stands in the title."""
    if moment is None:
        return _("never")
    local, now = timezone.localtime(moment), timezone.localtime()
    passed = now - local
    if timedelta(0) <= passed < DAY:
        words = _ago(passed)
    elif abs(passed) < timedelta(days=180):
        words = _written(local, "l j E")
    else:
        words = formats.date_format(local, "j E Y")
    return _time(local, words)


@register.filter
def local_time(moment: datetime | None) -> SafeString | str:
    """Date, time and zone: "Sunday 22 November 2026, 09:40 EET"."""
    if moment is None:
        return _("never")
    local = timezone.localtime(moment)
    return _time(local, f"{_written(local, 'l j E Y, H:i')} {local.tzname()}")


@register.filter
def day(value: date | None) -> SafeString | str:
    """A date with its weekday spelled; "not set" where there is none."""
    if value is None:
        return _("not set")
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), _written(value, "D j E Y"))


@register.filter
def month(value: date) -> str:
    """The month of a day as it stands within a sentence: "October 2026", "жовтень 2026"."""
    return _written(value, "F Y")


def _written(value: date, pattern: str) -> str:
    """A date that begins with a weekday or a month.

    Of our languages only English writes one with a capital within a sentence, and only there does a weekday stand unchanged after
    "until" or "as of": elsewhere it is short, and right in every sentence.
    """
    if get_language() == "en":
        return formats.date_format(value, pattern)
    words = formats.date_format(value, pattern.replace("l", "D", 1))
    return words[:1].lower() + words[1:]


def _time(local: datetime, words: str) -> SafeString:
    title = f"{_written(local, 'l j E Y, H:i')} {local.tzname()}"
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), title, words)


def _ago(passed: timedelta) -> str:
    minutes = passed // timedelta(minutes=1)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", minutes) % {"n": minutes}
    hours = minutes // 60
    return ngettext("%(n)d hour ago", "%(n)d hours ago", hours) % {"n": hours}


@register.filter
def percent_of(part: int | None, whole: int | None) -> str:
    """A share with one decimal; never 100.0 while anyone is missing, never 0.0 while anyone is counted."""
    return as_percent(part or 0, whole or 0)


@register.simple_tag
def icon(key: str, classes: str = "") -> SafeString:
    """An icon of the sprite. It is decoration: the word beside it carries the meaning."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', f"i {classes}".strip(), static("icons.svg"), key
    )


@register.filter
def status_key(code: str) -> str:
    """The css class and icon of a status code, alert band or css key."""
    return mark_of(code).key


@register.simple_tag
def pill(code: str, label: Any = "", mark: str = "") -> SafeString:
    """Icon and word. `code` is one of the nine status codes or a css key; `label` replaces the word, `mark` the icon."""
    found: StatusMark = mark_of(str(code))
    words = label or found.label
    return format_html('<span class="pill {}">{}{}</span>', found.key, icon(mark or found.icon), words)


@register.simple_tag(takes_context=True)
def query(context: RequestContext, **changes: Any) -> str:
    """The query string of this page with some parameters changed; None takes one away. Begins with "?"."""
    query_dict = context["request"].GET.copy()
    for name, value in changes.items():
        query_dict.pop(name, None)
        if value not in (None, ""):
            query_dict[name] = str(value)
    return f"?{query_dict.urlencode()}"


@register.filter
def may(actor: Actor, permission: str) -> bool:
    """Whether the actor holds a permission. An unknown name is a mistake in the template: ValueError."""
    return actor.may(Permission(permission))


@register.filter
def item(mapping: Mapping[Any, Any], key: Any) -> Any:
    """The value of a mapping under a key that stands in a variable."""
    return mapping.get(key, "")


@register.inclusion_tag("components/who.html", takes_context=True)
def who_box(context: RequestContext, noun: str) -> dict[str, Any]:
    """The box "Who can see this page" for a noun of web/who_sees.py."""
    return {"sentences": sentences_of(noun, context["actor"]), "noun": noun}
