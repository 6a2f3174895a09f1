"""A note names no position: what is refused, what is not, and that forms and API say it beside the field."""

import re
import time
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.scoping import DataClass
from aimprogress.exchange.datasets import datasets
from aimprogress.places.positions import HELD_BACK, plain_texts, position_in, without_positions
from humanitarian.models import Contribution, PartnerOrganisation
from members.models import Site
from tests.factories import a_site, a_user, an_organisation
from tests.signing import signed_in


@pytest.mark.parametrize(
    "text",
    [
        "missile hit beside warehouse at 49.99, 36.23", "at 49.99°; 36.23°.", "they wait at 49.8397, 24.0297 since noon",
        "49,8397 24,0297", "49.83970; 24.02970", "48.4647N 35.0462E", '49° 50\' 23" N', "49°50.383′ N", "36U UB 12345 67890",
        "36UUB1234567890", "plus code 9G3F7X2C+4V", "///crisp.lamp.river", "geo:49.8,24.0", "https://maps.app.goo.gl/abc",
        "https://www.google.com/maps/@49.8,24.0", "see www.openstreetmap.org/#map=17/49.8/24.0", "N49.9935, E36.2304",
        "lat: 49.9935, lng: 36.2304", "49.99N, 36.23E", "49.99 36.23", "49 59 36 N 36 13 49 E", "N 49 59 36 E 36 13 49",
        "49:59:36N 36:13:49E", "49 59.6N, 36 13.8E", "495936N 0361349E", "4959N03613E", "yandex.ru/maps/?ll=36.23,49.99",
        "https://yandex.com.ua/maps/-/CCUabc", "https://2gis.ua/kharkiv/geo/123", "go.2gis.com/abc",
        "google.com.ua/maps/place/x", "https://osm.org/go/abc", "36U 302345 5541234", "UTM 36U 302345E 5541234N",
        "36 U 302345 5541234", "X 5541234 Y 7302345", "X=5541234, Y=7302345", "36U UB 12 34", "36.2304, 49.9935",
        "latitude is 49.9935 and longitude 36.2304", "широта 49.99, довгота 36.23", "49.9935 с.ш. 36.2304 в.д.",
        "49,99 пн. ш., 36,23 сх. д.", "49.99/36.23", "55.030, 82.921", "group of 5 at 49.99, 36.23, 12 people",
        "(49.99, 36.23)", "lat=49.99&lon=36.23", "1.23; at 49.9935, 36.2304", "50.45 30.52 hit",
    ],
)  # fmt: skip
def test_a_position_is_found_and_nothing_of_it_is_left_where_it_is_taken_out(text):
    assert position_in(text)
    left = without_positions(text)
    assert HELD_BACK in left and position_in(left) == ""
    assert not set(re.findall(r"\d{3,}", left)) & set(re.findall(r"\d{3,}", position_in(text)))


@pytest.mark.parametrize(
    "text",
    [
        "6.34, 22.10 and 49.99, 6.23", "from 49.50 to 36.20 EUR", "49.99, 36.231.5", "", "Boiler room 3.125 m3, 2.500 kg",
        "wages of 12 450,500 UAH paid on 22.11.2026 at 14:30", "1.250, 300 people", "shift 2/3 waits in the shelter",
        "power 6.345 kW; water 0.4", "temperature 21°", "A-12 closed, see case 45/2026",
        "Працюємо 08:00–16:00, генератор 125.500 кВА", "call +380 44 123 45 67", "C++ programme, 24.5 + 3.25",
        "paid 45.50, 32.20 EUR", "paid 45.55, 32.25 EUR", "EUR 45.55, 32.25", "45,500, 32,200 people",
        "figures 45.51, 32.21, 28.35", "28.35, 45.51, 32.21", "0.1234, 0.5678", "look at the maps. Then go", "45.55 36.25 kW",
        "виплачено 45,55; 32,25 грн", "48.15 25.60 €", "pressure 49.99 s, 36.20 W of 1", "open 08 30 15 N 5",
        "shift N 12 30 E", "order 36U 12 items", "12 30 45 n", "X 12 Y 14", "it is here.come", "we need 44.120, 30.250 t",
        "rate 49.99%, 36.23%", "since 2026.11, 22.11", "12.11, 30.11", "phone 050 123 45 67, 067 123 45 67",
        "EDRPOU 12345678, 23456789", "invoice 36U 302345", "versions 50.12, 30.52, 22.15", "49.9, 36.2",
        "E 36 hall, N 49 gate",
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_left_alone(text):
    assert position_in(text) == "" and without_positions(text) == text


def test_only_the_position_is_taken_out():
    text = "5 people at 49.9935, 36.2304, water is short. N49.9935, E36.2304 or https://osm.org/go/abc again"
    assert without_positions(text) == "5 people at […] , water is short. […] or https:// […] again"


@pytest.mark.parametrize(
    "text", ["a." * 50_000, "1.23, " * 9000, "49 59 " * 9000, "N 49 " * 10_000, "49.99 N " * 7000, "lat " * 12_000, "9" * 50_000]
)
def test_a_long_text_is_looked_through_soon(text):
    began = time.process_time()
    assert position_in(text) == ""
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


@pytest.mark.django_db
def test_what_a_share_can_carry_of_a_commercial_row_names_no_position_either():
    giver, partner = an_organisation(), PartnerOrganisation.objects.create(name="Relief", short_name="Relief", type="INGO")
    given = {"organisation": giver, "currency": "EUR", "committed": Decimal(5), "committed_on": date(2026, 11, 1)}
    with acting_as(SYSTEM):
        with pytest.raises(ValidationError) as refused:
            Contribution(partner=partner, purpose="Beds at 49.9935, 36.2304", **given).save(force_insert=True)
        assert list(refused.value.message_dict) == ["purpose"]
        Contribution(partner=partner, purpose="Beds for 50 people, 45.50 EUR", **given).save(force_insert=True)


@pytest.mark.django_db
def test_every_text_of_a_shared_column_is_looked_through():
    shared, receiver = 0, an_organisation("PARTNER")
    for dataset in datasets().values():
        with acting_as(SYSTEM):
            model = dataset.queryset(receiver.pk).model
        names = {field.name for field in model._meta.concrete_fields} & set(dataset.column_names())
        if model.data_class == DataClass.COMMERCIAL:
            wanted = set(plain_texts(model, names)) - {"country", "currency", "identifier_kind"}
            assert wanted <= set(model.texts_that_leave), dataset.key
            shared += len(wanted)
    assert shared >= 5
