"""The saliency formula SAL-1 equals the worked list and the worked scenarios 5 to 7 of the domain reference."""

from decimal import Decimal
from itertools import pairwise, product

import pytest

from risks.saliency import (
    FORMULA,
    Band,
    assess,
    band_of_cell,
    is_salient,
    refusal_to_unmark,
    severity_text,
    shown_band,
)

WORKED = [
    ("winter power loss", (4, 5, 2, 5), True, "99.00", Band.CRITICAL, 5, 11),
    ("shelling with workers on shift", (5, 4, 5, 4), False, "95.75", Band.CRITICAL, 5, 14),
    ("conscription papers served at work", (5, 2, 4, 3), False, "91.00", Band.CRITICAL, 5, 11),
    ("gender-based violence in accommodation", (5, 1, 5, 2), False, "87.00", Band.HIGH, 5, 11),
    ("loss of staple food on exit", (4, 4, 2, 2), False, "86.75", Band.HIGH, 5, 10),
    ("wage loss of suspended staff", (3, 5, 2, 1), True, "78.75", Band.HIGH, 4, 10),
    ("recruitment fees", (4, 3, 2, 4), False, "74.50", Band.HIGH, 4, 9),
    ("trivial matter hitting everybody", (1, 5, 1, 5), False, "38.00", Band.LOW, 2, 7),
    ("overtime at co-packer", (2, 3, 1, 5), False, "37.75", Band.LOW, 2, 6),
]


@pytest.mark.parametrize(("name", "inputs", "actual", "score", "band", "level", "total"), WORKED, ids=[row[0] for row in WORKED])
def test_the_worked_list_of_the_domain_reference(name, inputs, actual, score, band, level, total):
    result = assess(*inputs, is_actual=actual)
    assert (str(result.score), result.band, result.severity_level, result.severity_sum) == (score, band, level, total)
    assert result.formula == FORMULA == "SAL-1"


def test_scenario_5_ranks_the_issues_in_the_worked_order():
    scored = {name: assess(*inputs, is_actual=actual).score for name, inputs, actual, *_ in reversed(WORKED)}
    assert sorted(scored, key=scored.get, reverse=True) == [row[0] for row in WORKED]


def test_scenario_6_severity_beats_likelihood():
    remote_but_grave, certain = assess(5, 1, 5, 1), assess(4, 3, 4, 5)
    assert (str(remote_but_grave.score), remote_but_grave.severity_level, remote_but_grave.severity_sum) == ("83.00", 5, 11)
    assert (str(certain.score), certain.severity_level, certain.severity_sum) == ("79.00", 4, 11)
    assert remote_but_grave.band == certain.band == Band.HIGH
    assert remote_but_grave.score > certain.score


def test_over_all_625_inputs_severity_leads_and_likelihood_comes_second():
    cells = {}
    for inputs in product(range(1, 6), repeat=4):
        result = assess(*inputs)
        assert Decimal(1) <= result.score <= Decimal(100)
        assert (result.score * 4) % 1 == 0
        assert result.band == band_of_cell(result.severity_level, result.likelihood)
        cells.setdefault((result.severity_level, result.likelihood), []).append(result.score)
    ordered = sorted(cells)
    assert len(ordered) == 25
    for lower, higher in pairwise(ordered):
        assert max(cells[lower]) < min(cells[higher])


def test_no_input_made_worse_ever_lowers_the_score():
    for inputs in product(range(1, 6), repeat=4):
        for place in range(4):
            if inputs[place] < 5:
                worse = (*inputs[:place], inputs[place] + 1, *inputs[place + 1 :])
                assert assess(*worse).score >= assess(*inputs).score


def test_an_actual_impact_counts_as_certain():
    assert assess(3, 3, 3, 1, is_actual=True) == assess(3, 3, 3, 5)


@pytest.mark.parametrize("inputs", [(0, 1, 1, 1), (1, 6, 1, 1), (1, 1, -1, 1), (1, 1, 1, 9)])
def test_a_score_outside_one_to_five_is_refused(inputs):
    with pytest.raises(ValueError, match="must be 1 to 5"):
        assess(*inputs)


def test_an_open_stop_flag_shows_critical_and_leaves_the_score():
    low = assess(2, 2, 1, 2)
    assert low.band == Band.LOW
    assert shown_band(low.score, ["STOP"]) == Band.CRITICAL
    assert shown_band(low.score, ["ESCALATE"]) == Band.LOW


def test_what_makes_an_issue_salient():
    below, above = assess(3, 3, 3, 3).score, assess(3, 3, 3, 4).score
    assert not is_salient(below, severity_level=4) and is_salient(above, severity_level=4)
    assert is_salient(below, severity_level=4, conflict_driver=True)
    assert is_salient(below, severity_level=4, open_flags=["ESCALATE"])
    assert not is_salient(below, severity_level=4, open_flags=["WATCH"])
    assert is_salient(below, severity_level=4, marked=True) and not is_salient(above, severity_level=4, marked=False)
    assert is_salient(above, severity_level=5, marked=False)


def test_scenario_7_the_gravest_issue_cannot_be_taken_off_the_list():
    assert refusal_to_unmark(5, reason="closed", second_person=True)
    assert refusal_to_unmark(4, reason=" ", second_person=True)
    assert refusal_to_unmark(4, reason="closed", second_person=False)
    assert refusal_to_unmark(4, reason="closed", second_person=True) is None


def test_the_severity_sentence_is_generated_from_the_formula():
    text = severity_text(5, 4, 5, 4)
    assert text.startswith("Severity 5 (gravest): death") and text.endswith("likely, 50 to 80 per cent.")
    assert "happening" in severity_text(3, 5, 2, 1, is_actual=True)
