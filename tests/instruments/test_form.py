"""The form made from an instrument, and the fragments that show it and its result."""

import re

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import translation

from aimprogress.instruments.engine import AnswerValue, load, score
from aimprogress.instruments.forms import InstrumentForm
from aimprogress.instruments.rows import group_rows
from tests.instruments.small import PASS_OR_FAIL, a_group, an_instrument, an_item


def posted(**values):
    data = QueryDict(mutable=True)
    data.update({f"item-{key.replace('_', '-').removeprefix('q')}": value for key, value in values.items()})
    return data


def page_of(form):
    return render_to_string("instruments/_form.html", {"form": form})


def test_nothing_is_preselected_and_nothing_is_required():
    form = InstrumentForm(load("evacuation_plan"))
    html = page_of(form)
    assert html.count('type="radio"') == 20 * 4
    assert not re.search(r"<(input|textarea)[^>]*\b(checked|required)", html)
    empty = InstrumentForm(load("evacuation_plan"), QueryDict())
    assert empty.is_valid(), empty.errors
    assert set(empty.given_answers().values()) == {None}


def test_every_question_stands_in_its_group_with_hint_help_and_critical_mark():
    with translation.override("en-gb"):
        html = page_of(InstrumentForm(load("evacuation_plan")))
    assert html.count("<section") == 6
    assert html.count("<fieldset") == html.count("<legend>") == 20
    assert html.count("Counts as met") == 20
    assert html.count("tag crit") == 6
    assert "Do not promise anyone" in html
    assert not re.search(r"\s(style|on\w+)=", html)


def test_ids_are_unique_and_every_reference_leads_to_one():
    form = InstrumentForm(load("evacuation_plan"), posted(q1="NOPE", q2_note="x"))
    assert not form.is_valid()
    html = page_of(form)
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    wanted = {name for names in re.findall(r'(?:for|aria-describedby|aria-labelledby)="([^"]+)"', html) for name in names.split()}
    assert wanted <= set(ids), wanted - set(ids)


def test_what_was_answered_before_is_shown_again():
    form = InstrumentForm(load("evacuation_plan"), answers={"3": AnswerValue("PARTLY", "level 4 is open", "minutes of May")})
    html = page_of(form)
    assert len(re.findall(r"<input[^>]*\bchecked", html)) == 1
    assert re.search(r'name="item-3"[^>]*value="PARTLY"[^>]*checked|value="PARTLY"[^>]*name="item-3"[^>]*checked', html)
    assert "level 4 is open" in html
    assert "minutes of May" in html
    assert html.count("<details open>") == 1


def test_answers_go_to_the_service_as_they_were_given():
    form = InstrumentForm(load("evacuation_plan"), posted(q1="MET", q1_note=" all shifts ", q1_evidence="file 7", q2="UNKNOWN"))
    assert form.is_valid(), form.errors
    answers = form.given_answers()
    assert answers["1"] == AnswerValue("MET", "all shifts", "file 7")
    assert answers["2"] == AnswerValue("UNKNOWN")
    assert answers["3"] is None


def test_a_value_that_is_not_offered_is_refused_beside_its_question():
    form = InstrumentForm(load("evacuation_plan"), posted(q5="YES"))
    assert not form.is_valid()
    assert list(form.errors) == ["5"]


def test_a_note_without_an_answer_is_kept_and_asks_for_the_answer():
    form = InstrumentForm(load("evacuation_plan"), posted(q5_note="cellar is wet"))
    with translation.override("en-gb"):
        assert not form.is_valid()
        html = page_of(form)
    assert list(form.errors) == ["5"]
    assert "Choose an answer to go with the note." in html
    assert "cellar is wet" in html


def test_an_answer_that_needs_its_reason_says_so(tmp_path):
    gates = an_instrument(tmp_path, a_group("all", an_item("1")), scale=PASS_OR_FAIL)
    form = InstrumentForm(gates, posted(q1="NA"))
    assert not form.is_valid()
    assert list(form.errors) == ["1-note"]
    assert InstrumentForm(gates, posted(q1="NA", q1_note="no gas on site")).is_valid()


def test_markup_in_a_note_is_shown_as_text():
    hostile = "<script>alert(1)</script>"
    plan = load("evacuation_plan")
    html = page_of(InstrumentForm(plan, answers={"1": AnswerValue("MET", hostile, hostile)}))
    answers = {"1": AnswerValue("MET", hostile, hostile)}
    html += shown(plan, answers, with_notes=True)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 4


def shown(instrument, answers, *, with_notes=False, **more):
    result = score(instrument, answers)
    groups = group_rows(instrument, result, answers if with_notes else None)
    return render_to_string("instruments/_result.html", {"instrument": instrument, "result": result, "groups": groups, **more})


def test_the_result_says_in_words_what_is_met_and_what_is_missing():
    answers = {str(n): AnswerValue("MET") for n in range(1, 21) if n not in (1, 2, 15)} | {"2": AnswerValue("PARTLY")}
    with translation.override("en-gb"):
        html = shown(load("evacuation_plan"), answers, fix_url="/plans/x/edit/")
    assert "Not adequate" in html
    assert "17 of 20" in html
    assert "85.0" in html
    assert "1 critical item is missing" in html
    assert html.count('<span class="vh">Met: </span>') == 17
    assert html.count('<span class="vh">Partly met: </span>') == 1
    assert html.count('<span class="vh">Not answered: </span>') == 2
    assert html.count("tag crit") == 6
    assert html.count("/plans/x/edit/#q-") == 3
    assert '<ol class="crits" start="5">' in html


def test_a_communication_plan_shows_n_of_15_and_no_judgement():
    with translation.override("en-gb"):
        html = shown(load("communication_plan"), {"1": AnswerValue("MET")})
    assert "1 of 15" in html
    assert "dequate" not in html
    assert "%" not in html


def test_notes_are_shown_only_where_they_are_handed_over():
    answers = {"1": AnswerValue("MET", "all shifts", "file 7")}
    plan = load("evacuation_plan")
    assert "all shifts" not in shown(plan, answers)
    assert "all shifts" in shown(plan, answers, with_notes=True)


@pytest.mark.parametrize("name", ["evacuation_plan", "communication_plan"])
def test_a_ukrainian_reader_gets_no_english_question(name):
    instrument = load(name)
    with translation.override("uk"):
        html = page_of(InstrumentForm(instrument)) + shown(instrument, {})
    for item in instrument.items:
        assert str(item.question.en) not in html
        assert item.question.uk in html.replace("&#x27;", "'")
