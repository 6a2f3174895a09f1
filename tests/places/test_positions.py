"""A note names no position: what is refused, what is not, and that forms and API say it beside the field."""

import time

import pytest
from django.core.exceptions import ValidationError

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.places.positions import position_in
from members.models import Site
from tests.factories import a_site, a_user
from tests.signing import signed_in


@pytest.mark.parametrize(
    "text",
    [
        "missile hit beside warehouse at 49.99, 36.23", "at 49.99°; 36.23°.",
        "they wait at 49.8397, 24.0297 since noon", "49,8397 24,0297", "49.83970; 24.02970",
        "48.4647N 35.0462E", "49° 50' 23\" N", "49°50.383′ N", "36U UB 12345 67890", "36UUB1234567890", "plus code 9G3F7X2C+4V",
        "///crisp.lamp.river", "geo:49.8,24.0", "https://maps.app.goo.gl/abc",
        "https://www.google.com/maps/@49.8,24.0", "see www.openstreetmap.org/#map=17/49.8/24.0",
    ],
)  # fmt: skip
def test_a_position_is_found(text):
    assert position_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "6.34, 22.10 and 49.99, 6.23", "from 49.50 to 36.20 EUR", "49.99, 36.231.5",
        "", "Boiler room 3.125 m3, 2.500 kg", "wages of 12 450,500 UAH paid on 22.11.2026 at 14:30", "1.250, 300 people",
        "shift 2/3 waits in the shelter", "power 6.345 kW; water 0.4", "temperature 21°", "A-12 closed, see case 45/2026",
        "Працюємо 08:00–16:00, генератор 125.500 кВА", "call +380 44 123 45 67", "C++ programme, 24.5 + 3.25",
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_left_alone(text):
    assert position_in(text) == ""


def test_a_long_text_is_looked_through_soon():
    began = time.process_time()
    assert position_in("a." * 50_000) == ""
    assert time.process_time() - began < 4


@pytest.mark.django_db
def test_no_row_about_people_in_danger_is_stored_with_one_in_plain_text():
    site = a_site()
    with acting_as(SYSTEM), pytest.raises(ValidationError) as refused:
        site.name = "Plant at 49.8397, 24.0297"
        site.save()
    assert list(refused.value.message_dict) == ["name"]


@pytest.mark.django_db
def test_an_encrypted_text_may_hold_one():
    site = a_site()
    with acting_as(SYSTEM):
        site.exact_location = {"lat": 49.8397, "lon": 24.0297}
        site.save()
        assert Site.objects.get(pk=site.pk).exact_location["lat"] == 49.8397


@pytest.mark.django_db
def test_the_form_says_it_beside_the_note_and_keeps_what_was_typed():
    site = a_site()
    browser = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    note = "gathered at 49.8397, 24.0297"
    answer = browser.post(f"/sites/{site.pk}/status/", {
        "operational": "REDUCED", "reason": "POWER", "control": "MEMBER", "damage": 0, "source_type": "DIRECT", "confidence": "A",
        "note": note,
    })  # fmt: skip
    assert answer.status_code == 422
    assert "gives a position away" in answer.context["form"].errors["note"][0]
    assert note in answer.content.decode()
