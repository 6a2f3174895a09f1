"""Forty reporters invited from a file: every row is ready, or says what is wrong with it."""

from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from aimprogress.core.permissions import Role
from members.models import Invitation, RoleGrant
from tests.factories import a_site, a_user, an_organisation
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Any:
    return a_site(code="LVI-02", name="Lviv depot")


@pytest.fixture
def client(site: Any) -> Any:
    return signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR, email="coordinator@x.example"))


def read(client: Any, text: str, name: str = "people.csv") -> Any:
    return client.post("/people/invite/list/", {"file": SimpleUploadedFile(name, text.encode())})


def packed_in(answer: Any) -> str:
    return answer.context["packed"]


def test_forty_people_are_invited_in_three_clicks_after_a_look(site, client):
    people = "\n".join(f"reporter{n}@x.example;LVI-02;uk" for n in range(40))
    looked = read(client, f"E-mail;Site;Language\n{people}")
    assert looked.status_code == 200 and "40 people can be invited" in looked.content.decode()
    assert not Invitation.objects.exists() and not mail.outbox
    done = client.post("/people/invite/list/send/", {"rows": packed_in(looked)})
    page = done.content.decode()
    assert page.count("/invitation/") == 40 and done["Cache-Control"] == "no-store"
    invited = Invitation.objects.filter(role=Role.SITE_REPORTER, language="uk")
    assert invited.count() == len(mail.outbox) == 40
    assert {tuple(one.site_ids) for one in invited} == {(site.pk,)}


def test_each_row_with_a_problem_says_so_and_holds_up_no_other(site, client):
    other = a_site(site.organisation, code="ODS-01", name="Odesa mill")
    a_site(site.organisation, code="RU-01", name="Plant abroad", safety_profile=True)
    a_site(an_organisation(), code="ELSE-9", name="Somebody else's")
    rows = (
        "Ukrainian,Lviv depot; ods-01,one@x.example", ",LVI-02,", "en,LVI-02,not an address@", "uk,,three@x.example",
        "uk,RU-01,four@x.example", "uk,ELSE-9,five@x.example", "uk,LVI-02,ONE@x.example", "Українська,LVI-02,six@x.example",
    )  # fmt: skip
    looked = read(client, "\n".join(rows))
    found = {row.row: row for row in looked.context["rows"]}
    assert set(found[1].site_ids) == {site.pk, other.pk} and found[1].language == "uk" and not found[1].problem
    words = ["No e-mail", "no e-mail address", "No site of yours", "Nobody reports from inside", "No site of yours", "twice"]
    for number, word in enumerate(words, start=2):
        assert word in str(found[number].problem), number
    assert not found[8].problem and (looked.context["good"], looked.context["problems"]) == (2, 6)
    client.post("/people/invite/list/send/", {"rows": packed_in(looked)})
    assert set(Invitation.objects.values_list("email", flat=True)) == {"one@x.example", "six@x.example"}


def test_what_is_not_understood_in_a_row_is_said_and_not_passed_over(site, client):
    rows = (
        "one@x.example,LVI-02; ODS-99,uk,Shift lead", "two@x.example,LVI-02,Deutsch,", "three@x.example,LVI-02,uk,Night",
        "four@x.example,LVI-02,uk,other@x.example",
    )  # fmt: skip
    looked = read(client, "\n".join(rows))
    problems = [str(row.problem) for row in looked.context["rows"]]
    assert problems == ["Not understood: ODS-99", "Not understood: Deutsch", "", ""]
    assert looked.context["unread"] == [("D", "Shift lead")]
    page = looked.content.decode()
    assert "Not understood: ODS-99" in page and "left out:" in page and "Shift lead" in page
    titled = read(client, "E-mail,Site,Remark\none@x.example,LVI-02,Shift lead")
    assert titled.context["unread"] == [("Remark", "Shift lead")] and titled.context["good"] == 1


def test_a_first_row_without_an_address_is_no_title_where_it_names_a_site(site, client):
    looked = read(client, "LVI-02,uk\none@x.example,LVI-02")
    assert ["No e-mail" in str(row.problem) for row in looked.context["rows"]] == [True, False]


@pytest.mark.parametrize("said", ["pl", "Polish", "polski", "ro", "ru", "uk", "en"])
def test_reporters_are_invited_in_every_language_of_the_phone(said, site, client):
    looked = read(client, f"one@x.example,LVI-02,{said}")
    client.post("/people/invite/list/send/", {"rows": packed_in(looked)})
    invited = Invitation.objects.get()
    assert invited.language == {"Polish": "pl", "polski": "pl"}.get(said, said)
    (message,) = mail.outbox
    assert message.subject == {"pl": "Link dla Ciebie", "ro": "Un link pentru dumneavoastră", "ru": "Ссылка для вас",
                               "uk": "Посилання для вас", "en": "A link for you"}[invited.language]  # fmt: skip


def test_who_works_at_a_desk_is_invited_in_a_language_that_the_desk_speaks(site, client):
    answers = {"email": "one@x.example", "language": "pl"}
    refused = client.post("/people/invite/", answers | {"role": "MEMBER_VIEWER"})
    assert refused.status_code == 422 and "not written in this language" in refused.content.decode()
    assert client.post("/people/invite/", answers | {"role": "SITE_REPORTER", "site_ids": [str(site.pk)]}).status_code == 200


def test_what_was_not_shown_is_not_invited(site, client):
    looked = read(client, "one@x.example,LVI-02")
    for rows in ("", packed_in(looked)[:-3] + "xyz", "W10"):
        assert client.post("/people/invite/list/send/", {"rows": rows}).status_code == 422, rows
    assert not Invitation.objects.exists()


def test_all_of_them_or_none(site, client):
    looked = read(client, "one@x.example,LVI-02\ncoordinator@x.example,LVI-02")
    refused = client.post("/people/invite/list/send/", {"rows": packed_in(looked)})
    assert refused.status_code == 422 and "Nobody invites themselves" in refused.content.decode()
    assert not Invitation.objects.exists()


def test_a_file_of_another_kind_or_size_is_refused_with_words(site, client):
    assert "PDF" in read(client, "%PDF-1.7 one@x.example", "people.csv").content.decode()
    assert read(client, "x" * 1_200_000).status_code == 413
    assert read(client, "\n".join(f"r{n}@x.example,LVI-02" for n in range(201))).status_code == 422
    assert not Invitation.objects.exists()


def test_who_does_not_manage_people_has_no_such_page(site):
    viewer = signed_in(a_user(site.organisation, Role.MEMBER_VIEWER))
    assert viewer.get("/people/invite/list/").status_code == read(viewer, "one@x.example,LVI-02").status_code == 403
    assert RoleGrant.objects.count() == 1
