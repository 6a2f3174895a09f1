"""The story on a site's page: a week is open, what came before stands folded below it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from aimprogress.core.permissions import Role
from tests.factories import a_site, a_status, a_user, an_organisation
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("days", "folded"), [(7, None), (8, "1 day before that"), (12, "5 days before that")])
def test_days_before_the_last_seven_are_folded(days: int, folded: str | None) -> None:
    site = a_site(an_organisation())
    for ago in range(days):
        a_status(site, observed_at=timezone.now() - timedelta(days=ago))
    page = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR)).get(f"/sites/{site.pk}/").content.decode()
    assert page.count('class="day"') == days
    assert page.count("<details") == page.count("</details>")
    shown, *rest = page.split('<details class="earlier">')
    assert shown.count('class="day"') == min(days, 7)
    assert [one.split("</summary>")[0].removeprefix("<summary>") for one in rest] == ([folded] if folded else [])
