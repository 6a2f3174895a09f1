"""Words about units, air defence and strikes are stored, and a warning stands beside them."""

import pytest

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.places.warned import warned_word
from members.models import SiteStatus
from tests.factories import a_site, a_user
from tests.signing import signed_in


@pytest.mark.parametrize(
    "text",
    [
        "air defence stands behind the mill", "Air-defense fired", "a battalion sleeps here", "the 92nd brigade left",
        "missile hit beside the warehouse", "поруч працює ППО", "рядом ПВО", "зенітний розрахунок", "92 бригада на складі",
        "93-тя бригада", "військова частина за парканом", "воинская часть", "в/ч А1234", "було влучання в склад", "приліт о 5:00",
        "два прилёта", "прямое попадание",
    ],
)  # fmt: skip
def test_a_word_is_found_in_three_languages(text):
    assert warned_word(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "ремонтна бригада прийде завтра", "2 бригада на лінії", "полиця впала", "полка в шафі", "the repair crew left",
        "defence of a thesis", "hit by a power cut", "попит зріс", "regional lead",
    ],
)  # fmt: skip
def test_ordinary_words_are_left_alone(text):
    assert warned_word(text) == ""


@pytest.mark.django_db
@pytest.mark.parametrize("note", ["missile hit beside the warehouse", "the gate is open"])
def test_the_note_is_stored_and_the_next_page_warns_of_it(note):
    site = a_site()
    browser = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    answer = browser.post(f"/sites/{site.pk}/status/", {
        "operational": "REDUCED", "reason": "POWER", "control": "MEMBER", "damage": 0, "source_type": "DIRECT", "confidence": "A",
        "note": note,
    }, follow=True)  # fmt: skip
    assert ("“missile hit” is stored" in answer.content.decode()) == note.startswith("missile")
    with acting_as(SYSTEM):
        assert SiteStatus.objects.get(site=site).note == note
