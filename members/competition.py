"""What members that compete may not speak about when they meet: shown and accepted before every call (domain.md 7.3, 7.4)."""

from django.utils.translation import gettext_lazy as _

STATEMENT = _(
    "Members of AIM-Progress compete with each other. In a call we speak about the safety and the rights of people, on the agenda"
    " that was approved before, and about nothing else. Whoever hears something else says so and stops the call."
)
FORBIDDEN = (
    _("prices, costs, margins, discounts"),
    _("volumes, capacities, stocks, plans to make or sell more or less"),
    _("customers, tenders, bids, market shares"),
    _("terms with suppliers; whom somebody buys from or stops buying from"),
    _("wages and benefits that somebody will pay"),
    _("plans to enter, leave or divide a market that are not public"),
)
