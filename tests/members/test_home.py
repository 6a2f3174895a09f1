"""The first page of the day."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from members.late import escalate_late
from members.models import Site, User
from members.services.chase import note_call
from members.services.checkins import record_check_in
from members.services.devices import offer_device
from members.services.follow_ups import follow_up_check_in
from members.services.lines import receive_text_line
from members.textline import write_line
from tests.factories import a_coordinator, a_head_count, a_reporter, a_site, a_status, a_user, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return an_organisation(short_name="Halden Foods")


def changed(site, **fields) -> None:
    with acting_as(SYSTEM):
        Site.objects.filter(pk=site.pk).update(**fields)


def test_the_coordinator_reads_what_got_worse_first(member):
    user = a_user(member, "MEMBER_COORDINATOR")
    User.objects.filter(pk=user.pk).update(previous_visit_at=timezone.now() - timedelta(days=1))
    better, worse, same = (a_site(member, name=name) for name in ("Brighter", "Darker", "Steady"))
    for site, before, after in (
        (better, "REDUCED", "OPERATING"),
        (worse, "OPERATING", "EVACUATED"),
        (same, "REDUCED", "REDUCED"),
    ):
        a_status(site, before, timezone.now() - timedelta(days=2))
        a_status(site, after)
    page = signed_in(user).get("/overview/").content.decode()
    assert page.index("Darker") < page.index("Brighter")
    assert "Evacuated, before: Operating" in page
    assert "1 site got better" in page
    assert "Steady" not in page.split("What changed since your last visit")[1].split("</section>")[0]


def test_overdue_sites_stand_with_their_hours_and_link_to_the_same_list(member):
    site = a_site(member, name="Quiet depot")
    a_status(site, "OPERATING", timezone.now() - timedelta(days=31))
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    page = client.get("/overview/").content.decode()
    assert "Quiet depot" in page and "24.0 h" in page
    assert "Quiet depot" in client.get("/sites/?freshness=OVERDUE&freshness=STALE").content.decode()


def test_what_changed_is_told_until_the_first_page_was_shown_and_a_long_break_passed(member):
    user = a_user(member, "MEMBER_COORDINATOR")
    client, yesterday = signed_in(user), timezone.now() - timedelta(days=1)

    def since(away=timedelta()) -> timedelta:
        """How long ago the changes begin that the first page tells, `away` after it was last shown."""
        if away:
            User.objects.filter(pk=user.pk).update(overview_shown_at=timezone.now() - away, last_visit_at=timezone.now() - away)
        return timezone.now() - client.get("/overview/").context["changes"].since

    User.objects.filter(pk=user.pk).update(previous_visit_at=yesterday, overview_shown_at=timezone.now() - timedelta(hours=1))
    a_day = timedelta(hours=23)
    assert since() > a_day and since(timedelta(minutes=45)) > a_day, "a short break takes nothing away"
    session = client.session
    session["seen_at"] = 0
    session.save()
    assert client.get("/sites/").status_code == 200 and since(timedelta(hours=2)) > a_day, "nor does another page"
    assert timedelta(hours=4.9) < since(timedelta(hours=5)) < timedelta(hours=5.1)
    assert timedelta(hours=4.9) < since() < timedelta(hours=5.1)


def test_the_late_stand_by_their_alert_level_and_then_by_how_late_they_are(member):
    now = timezone.now()
    for name, level, age in (
        ("Calm", 0, timedelta(days=31)), ("Calm and longer", 0, timedelta(days=50)), ("Severe", 3, timedelta(hours=26)),
        ("Extreme", 4, timedelta(hours=13)), *((f"Watched {n}", 1, timedelta(days=15)) for n in range(3)),
    ):  # fmt: skip
        site = a_site(member, name=name)
        a_status(site, observed_at=now - age)
        changed(site, alert_level=level)
    helped = a_site(member, name="Helped")
    a_status(helped, observed_at=now - timedelta(days=31))
    changed(helped, help_needed_since=now)
    page = signed_in(a_user(member, "MEMBER_COORDINATOR")).get("/overview/").content.decode()
    shown = page.split('id="late"')[1].split("</section>")[0]
    places = [shown.index(f">{name}</a>") for name in ("Helped", "Extreme", "Severe", "Watched 0")]
    assert places == sorted(places)
    assert "Calm" not in shown, "six are shown, and the calm are the last"


def test_a_call_for_help_waits_until_somebody_takes_it_on(member):
    site = a_site(member)
    with acting_as(a_reporter(site)):
        check_in = record_check_in(site=site, people="help")
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    assert "Someone needs help" in client.get("/overview/").content.decode()
    assert "Have you taken care of it?" in client.get(f"/follow-ups/{check_in.pk}/close/").content.decode()
    assert client.post(f"/follow-ups/{check_in.pk}/close/", follow=True).status_code == 200
    assert "Nothing is open" in client.get("/follow-ups/").content.decode()


def test_calls_for_help_and_calls_to_make_stand_above_all_and_open_their_lists(member):
    calling, silent, calm = (a_site(member, name=name) for name in ("Calling", "Silent", "Calm"))
    with acting_as(a_reporter(calling)):
        check_in = record_check_in(site=calling, people="help")
    a_status(silent, observed_at=timezone.now() - timedelta(hours=13)), a_status(calm)
    changed(silent, alert_level=4)
    with acting_as(SYSTEM):
        escalate_late()
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))

    def alarms():
        return {str(words): figure for figure, _mark, words in client.get("/overview/").context["alarms"]}

    now = alarms()
    help_, call = now["site where someone needs help"], now["site that has to be called"]
    assert [row["name"] for row in client.get(help_.link).context["rows"]] == ["Calling"]
    assert [row["site"]["name"] for row in client.get(call.link).context["rows"]] == ["Silent"]
    assert client.get("/calls/?country=PL").context["rows"] == []
    with acting_as(a_coordinator(member)):
        follow_up_check_in(check_in=check_in)
        note_call(site=silent, heard="AS_BEFORE", told_by="Gate")
    assert not {"site where someone needs help", "site that has to be called"} & set(alarms())


def test_what_is_open_is_named_where_a_check_in_itself_asks_for_nothing(member):
    site = a_site(member)
    with acting_as(a_coordinator(member)):
        device = offer_device(site=site).row
        receive_text_line(organisation=member, text=write_line(device.alias, 1, timezone.now(), "O", "A", device.line_key))
    page = signed_in(a_user(member, "MEMBER_COORDINATOR")).get("/overview/").content.decode()
    assert "Text line, not confirmed yet" in page and "Nothing to do" not in page


def test_the_dashboard_is_the_secretariats_and_names_no_site(member):
    site = a_site(member, name="Kharkiv plant")
    a_status(site, "OPERATING", timezone.now() - timedelta(days=1))
    a_status(site, "EVACUATED")
    a_head_count(site, 50)
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    page = analyst.get("/dashboard/").content.decode()
    assert "Halden Foods, Lviv oblast, site" in page and "Kharkiv" not in page
    assert signed_in(a_user(member, "MEMBER_COORDINATOR")).get("/dashboard/").status_code == 403


def test_narrowing_to_a_country_narrows_figures_and_links(member):
    a_status(a_site(member))
    page = signed_in(a_user(member, "MEMBER_VIEWER")).get("/overview/?country=PL").content.decode()
    assert "country=PL" in page
    assert signed_in(a_user(member, "MEMBER_VIEWER")).get("/overview/?country=%00zz").status_code == 200


def test_the_first_page_costs_the_same_with_more_sites(member):
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    a_status(a_site(member), "EVACUATED")
    client.get("/overview/")

    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/overview/").status_code == 200
        return len(queries)

    one = asked()
    for _ in range(12):
        a_status(a_site(member), "EVACUATED")
    assert asked() == one <= 55
