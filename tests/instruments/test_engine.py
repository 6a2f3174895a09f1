"""The engine with the rules that later instruments need, on small instruments of the test's own."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimprogress.instruments.engine import AnswerValue, InstrumentError, load, score
from tests.instruments.small import PASS_OR_FAIL, WORDS, a_group, an_instrument, an_item

GATES = f"adequacy: {{share: 100, yes: {WORDS}, no: {WORDS}}}\nvalidity: {{days: 30}}"


@pytest.fixture
def gates(tmp_path):
    return an_instrument(tmp_path, a_group("all", an_item("1"), an_item("2")), scale=PASS_OR_FAIL, more=GATES)


@pytest.mark.parametrize(
    ("answers", "passed"),
    [
        ({"1": AnswerValue("PASS"), "2": AnswerValue("PASS")}, True),
        ({"1": AnswerValue("PASS"), "2": AnswerValue("NA", note="no gas on site")}, True),
        ({"1": AnswerValue("PASS"), "2": AnswerValue("NA")}, False),  # without its reason it does not count
        ({"1": AnswerValue("PASS"), "2": AnswerValue("FAIL")}, False),
        ({"1": AnswerValue("PASS")}, False),
        ({"1": AnswerValue("NA", "x"), "2": AnswerValue("NA", "x")}, False),  # nothing was looked at
    ],
)
def test_gates_pass_only_if_all_pass_or_do_not_apply_for_a_reason(gates, answers, passed):
    result = score(gates, answers)
    assert result.adequate is passed
    assert result.valid_days == 30


DISPLACED = f"""
"0": {{kind: met, label: {WORDS}, points: 0}}
"1": {{kind: met, label: {WORDS}, points: 1}}
"2": {{kind: partly, label: {WORDS}, points: 2}}
"3": {{kind: not_met, label: {WORDS}, points: 3}}
NA: {{kind: not_applicable, label: {WORDS}, note_required: true}}
U: {{kind: unknown, label: {WORDS}, points: 3}}
"""
BANDS = f"""
outcomes:
  - {{code: LOW, label: {WORDS}, up_to: 15}}
  - {{code: MODERATE, label: {WORDS}, up_to: 35}}
  - {{code: HIGH, label: {WORDS}, up_to: 60}}
  - {{code: CRITICAL, label: {WORDS}}}
knockout: {{values: ["3", U], outcome: HIGH}}
validity: {{days: 180, by_outcome: {{HIGH: 90, CRITICAL: 30}}}}
remarks:
  - {{code: management_only, label: {WORDS}, when: [[{{items: ["23"], values: ["3"]}}]]}}
"""
SECTIONS = {  # domain 5.4 and 10.2 scenario 14: weight and answer of each question
    "A": [(3, 3), (3, 2), (2, 1), (2, 0), (2, 2)],
    "B": [(3, 0), (2, 1), (2, 0)],
    "C": [(3, 2), (3, 1), (2, 0), (2, 1)],
    "D": [(3, 0), (2, 0)],
    "E": [(2, 1), (2, 1)],
    "F": [(3, 1), (2, 2), (3, 1)],
    "G": [(3, 2), (3, 1), (2, 3), (2, 3)],
    "H": [(2, 1), (1, 2), (1, 3), (2, 1), (3, 0), (1, 2), (2, 2)],
}
KNOCKOUTS = {1, 6, 9, 13, 19, 28}


def a_questionnaire(folder):
    groups, number = [], 0
    for code, questions in SECTIONS.items():
        items = []
        for weight, _answer in questions:
            number += 1
            items.append(an_item(str(number), f"weight: {weight}\nknockout: {str(number in KNOCKOUTS).lower()}"))
        groups.append(a_group(code, *items))
    return an_instrument(folder, *groups, scale=DISPLACED, more=BANDS)


def test_scenario_14_a_weighted_questionnaire_with_knockouts_needs_no_new_code(tmp_path):
    answers = [str(answer) for questions in SECTIONS.values() for _weight, answer in questions]
    result = score(a_questionnaire(tmp_path), {str(at): AnswerValue(value) for at, value in enumerate(answers, 1)})
    burdens = {code: str(section.burden) for code, section in result.sections.items()}
    assert burdens == {"A": "58.3", "B": "9.5", "C": "36.7", "D": "0.0", "E": "33.3", "F": "41.7", "G": "70.0", "H": "41.7"}
    assert (result.burden, result.outcome) == (Decimal("41.2"), "HIGH")
    assert result.knockouts == ("1",)
    assert result.remarks == ("management_only",)
    assert result.valid_days == 90


def test_a_knockout_lifts_a_low_result_to_high_but_leaves_critical_alone(tmp_path):
    questionnaire = a_questionnaire(tmp_path)
    best = {str(number): AnswerValue("0") for number in range(1, 31)}
    assert score(questionnaire, best).outcome == "LOW"
    unknown = score(questionnaire, best | {"6": AnswerValue("U")})
    assert (unknown.outcome, unknown.unknown, unknown.knockouts) == ("HIGH", ("6",), ("6",))
    worst = {str(number): AnswerValue("3") for number in range(1, 31)}
    assert score(questionnaire, worst).outcome == "CRITICAL"
    assert score(questionnaire, {}).outcome is None


ILO_STATES = "\n".join(
    f"{code}: {{kind: {kind}, label: {WORDS}}}"
    for code, kind in [("NONE", "met"), ("SUSPECTED", "partly"), ("CONFIRMED", "not_met"), ("NOT_ASSESSED", "unknown")]
)
ILO_RULES = f"""
outcomes:
  - code: RED
    label: {WORDS}
    when:
      - [{{values: [CONFIRMED], tag: strong}}]
      - [{{values: [CONFIRMED], at_least: 2}}]
      - [{{values: [CONFIRMED]}}, {{values: [SUSPECTED], at_least: 2}}]
  - code: AMBER
    label: {WORDS}
    when:
      - [{{values: [CONFIRMED]}}]
      - [{{values: [SUSPECTED], at_least: 2}}]
      - [{{values: [SUSPECTED], tag: strong}}]
  - {{code: YELLOW, label: {WORDS}, when: [[{{values: [SUSPECTED]}}]]}}
  - {{code: GREEN, label: {WORDS}, when: [[{{values: [NONE], at_least: all}}]]}}
  - {{code: INCOMPLETE, label: {WORDS}}}
"""


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        ({"FL07": "CONFIRMED"}, "RED"),
        ({"FL11": "CONFIRMED"}, "AMBER"),
        ({"FL11": "CONFIRMED", "FL02": "SUSPECTED", "FL10": "SUSPECTED"}, "RED"),
        ({"FL02": "SUSPECTED"}, "YELLOW"),
        ({"FL04": "NOT_ASSESSED"}, "INCOMPLETE"),
        ({}, "GREEN"),
    ],
)
def test_scenario_13_named_outcomes_by_rules_need_no_new_code(tmp_path, found, outcome):
    codes = [f"FL{number:02}" for number in range(1, 12)]
    strong = {"FL03", "FL05", "FL06", "FL07", "FL08", "FL09"}
    items = [an_item(code, "tags: [strong]" if code in strong else "") for code in codes]
    indicators = an_instrument(tmp_path, a_group("all", *items), scale=ILO_STATES, more=ILO_RULES)
    answers = {code: AnswerValue(found.get(code, "NONE")) for code in codes}
    assert score(indicators, answers).outcome == outcome
    assert score(indicators, {code: answers[code] for code in codes if code in found}).outcome != "GREEN"


def test_a_repeated_group_is_asked_once_for_each_repeat(tmp_path):
    framework = an_instrument(
        tmp_path,
        a_group("once", an_item("A1"), an_item("A2")),
        a_group("each", an_item("C1"), an_item("C2"), an_item("C3"), more="repeats: true"),
        scale=PASS_OR_FAIL,
        more="share: true",
    )
    result = score(framework, {"A1": AnswerValue("PASS"), "C1@x": AnswerValue("PASS")}, repeats=["x", "y"])
    assert (result.met, result.total) == (2, 2 + 3 * 2)
    with pytest.raises(InstrumentError, match="C1@z"):
        score(framework, {"C1@z": AnswerValue("PASS")}, repeats=["x"])


@pytest.mark.parametrize(("item", "value"), [("21", "MET"), ("1", "YES"), ("1", "")])
def test_an_answer_that_does_not_belong_is_refused(item, value):
    with pytest.raises(InstrumentError):
        score(load("evacuation_plan"), {item: AnswerValue(value)})


def test_an_unknown_instrument_or_version_is_refused_by_name():
    with pytest.raises(InstrumentError, match="evacuation_plan"):
        load("no_such_thing")
    with pytest.raises(InstrumentError, match="no_such_thing"):
        load("../secrets/no_such_thing")
    with pytest.raises(InstrumentError, match="no version 99"):
        load("evacuation_plan", 99)


def test_loading_twice_reads_the_file_once():
    assert load("evacuation_plan") is load("evacuation_plan")
    assert load("evacuation_plan", 1) == load("evacuation_plan")


@given(st.dictionaries(st.sampled_from([str(n) for n in range(1, 21)]), st.sampled_from(["MET", "PARTLY", "NOT_MET", "UNKNOWN"])))
def test_met_and_missing_always_make_the_whole_and_adequate_never_lacks_a_critical_item(answers):
    plan = load("evacuation_plan")
    result = score(plan, answers)
    assert result.met + len(result.missing) == result.total == 20
    assert result.share == Decimal(result.met * 5)
    assert result.adequate is (result.met >= 17 and all(answers.get(code) == "MET" for code in plan.critical_codes))
