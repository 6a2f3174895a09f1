"""The two instruments of the library: domain 3.5, 3.6 and scenario 8 of domain 10.2."""

from decimal import Decimal

import pytest
from django.utils import translation

from aimprogress.instruments.engine import AnswerValue, Result, load, names, score

TWENTY = [str(number) for number in range(1, 21)]
CRITICAL = ("3", "5", "6", "8", "12", "15")


def met(*but: str) -> dict[str, AnswerValue]:
    return {code: AnswerValue("MET") for code in TWENTY if code not in but}


def test_an_evacuation_plan_has_twenty_items_of_five_percent_and_six_critical_ones():
    plan = load("evacuation_plan")
    assert [item.code for item in plan.items] == TWENTY
    assert {item.weight for item in plan.items} == {5}
    assert plan.critical_codes == CRITICAL


def test_scenario_8_a_plan_that_meets_17_of_20_without_the_border_rules_is_not_adequate():
    result = score(load("evacuation_plan"), met("15", "1", "2"))
    assert (result.met, result.total, result.share) == (17, 20, Decimal("85.0"))
    assert result.adequate is False
    assert result.missing_critical == ("15",)


def test_a_plan_that_meets_17_of_20_with_every_critical_item_is_adequate():
    result = score(load("evacuation_plan"), met("1", "2", "20"))
    assert result.share == Decimal("85.0")
    assert result.adequate is True
    assert result.missing_critical == ()


def test_a_plan_that_meets_16_of_20_is_not_adequate_even_with_every_critical_item():
    result = score(load("evacuation_plan"), met("1", "2", "4", "20"))
    assert (result.share, result.adequate) == (Decimal("80.0"), False)


@pytest.mark.parametrize("code", CRITICAL)
def test_one_critical_item_is_enough_to_make_a_plan_inadequate(code):
    result = score(load("evacuation_plan"), met(code))
    assert (result.share, result.adequate, result.missing_critical) == (Decimal("95.0"), False, (code,))


@pytest.mark.parametrize("value", ["PARTLY", "NOT_MET", "UNKNOWN"])
def test_only_met_counts_as_met(value):
    result = score(load("evacuation_plan"), met("5") | {"5": AnswerValue(value)})
    assert (result.met, result.complete, result.missing_critical) == (19, True, ("5",))


def test_what_is_not_answered_is_never_met():
    result = score(load("evacuation_plan"), {})
    assert (result.met, result.answered, result.total, result.share) == (0, 0, 20, Decimal("0.0"))
    assert result.adequate is False
    assert result.complete is False
    assert result.missing_critical == CRITICAL


def test_no_item_of_a_plan_can_be_argued_away():
    for name in ("evacuation_plan", "communication_plan"):
        assert "NA" not in load(name).scale


def test_a_communication_plan_says_n_of_15_and_has_no_word_for_good_enough():
    plan = load("communication_plan")
    result = score(plan, {str(number): AnswerValue("MET") for number in range(1, 16)})
    assert (result.met, result.total) == (15, 15)
    assert result.adequate is None
    assert plan.adequacy is None
    assert plan.share is False


def test_every_text_of_the_library_stands_in_two_languages_and_waits_for_a_native_reader():
    for name in names():
        instrument = load(name)
        assert instrument.native_check is False
        for item in instrument.items:
            for text in (item.title, item.question, item.met, item.help):
                assert text.en != text.uk
                assert any("а" <= letter <= "я" for letter in text.uk.lower()), text.uk
                assert not any("а" <= letter <= "я" for letter in text.en.lower()), text.en
                assert not set(text.uk) & set("ыэъёЫЭЪЁ"), text.uk
            assert 2 <= len([part for part in item.help.en.split(". ") if part]) <= 5, item.code


def test_a_question_is_asked_in_the_language_of_the_reader():
    title = load("evacuation_plan").item("5").title
    with translation.override("uk"):
        assert str(title) == "Укриття для найбільшої зміни"
    with translation.override("en-gb"):
        assert str(title) == "Shelter for the largest shift"


def test_nothing_is_promised_to_men_of_conscription_age():
    item = load("evacuation_plan").item("15")
    assert "Do not promise" in item.help.en
    assert "may be barred" in item.help.en


def test_a_result_survives_being_stored():
    result = score(load("evacuation_plan"), met("15"))
    assert Result.from_json(result.as_json()) == result
    assert result.as_json()["share"] == "95.0"
