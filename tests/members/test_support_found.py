"""What is said at the support desk is found by words and taken away as a file: the own part, and all of it by the team."""

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from aimprogress.core.actor import acting_as
from aimprogress.exchange.exports import EXPORTS
from aimprogress.web.search import search_all
from members.services.bulletins import publish_bulletin
from members.services.cases import open_case
from members.services.meetings import keep_meeting
from tests.factories import a_coordinator, a_user, a_viewer, an_analyst, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    """Two members with a case and a meeting each, all about generators, and a bulletin about them."""
    members = [an_organisation(short_name=name) for name in ("Halden Foods", "Norvia")]
    for member in members:
        name = member.short_name.split()[0]
        with acting_as(a_coordinator(member)):
            open_case(
                organisation=member, category="SAFETY", urgency="P3", summary=f"Generators at {name}", text="Where do they stand?"
            )  # fmt: skip
            keep_meeting(
                organisation_id=member.pk, held_on=timezone.localdate(), topic=f"Generators of {name}", participants="HSE lead"
            )
    with acting_as(an_analyst()):
        publish_bulletin(level="INFO", topic="POWER", title="Generators belong outside", text="Six metres from walls.")
    return members


def found(actor, q):
    with acting_as(actor):
        return {noun.key: [(hit.name, hit.detail) for hit in hits] for noun, hits in search_all(actor, q)}


def test_words_find_bulletins_cases_and_meetings_of_the_own_member_only(desk):
    hits = found(a_viewer(desk[0]), "generators")
    assert [name for name, _detail in hits["bulletin"]] == ["Generators belong outside"]
    assert hits["case"] == [("Generators at Halden", "C-1")]
    assert [name for name, _detail in hits["meeting"]] == ["Generators of Halden"]
    assert "Norvia" not in str(hits)


def test_the_team_finds_those_of_all_members_and_reads_whose_they_are(desk):
    hits = found(an_analyst(), "generators")
    assert sorted(hits["case"]) == [("Generators at Halden", "C-1 · Halden Foods"), ("Generators at Norvia", "C-1 · Norvia")]
    assert len(hits["meeting"]) == 2 and hits["meeting"][0][1].endswith(("Halden Foods", "Norvia"))


@pytest.mark.parametrize(("noun", "column"), [("support-cases", "summary"), ("meetings", "topic"), ("bulletins", "title")])
def test_a_file_holds_the_own_part_and_follows_the_filters_of_the_list(desk, noun, column):
    export = EXPORTS[noun]
    with acting_as(a_viewer(desk[0])):
        own = [row[column] for row in export.rows(QueryDict("q=Generators"))]
        none = list(export.rows(QueryDict("q=turbines")))
    with acting_as(an_analyst()):
        every = list(export.rows(QueryDict()))
    assert len(own) == 1 and "Norvia" not in own[0] and none == []
    assert len(every) == (1 if noun == "bulletins" else 2)


@pytest.mark.parametrize(("path", "noun"), [("cases", "support-cases"), ("meetings", "meetings"), ("bulletins", "bulletins")])
def test_the_lists_offer_the_file(desk, path, noun):
    for user in (a_user(desk[0], "MEMBER_COORDINATOR"), a_user(the_secretariat(), "AIM_ANALYST")):
        assert reverse("exports:request", args=[noun]) in signed_in(user).get(f"/support/{path}/").content.decode()
