"""The bundled samples show the shapes of real lists; their truth is met in every row, that of the sites in every field."""

import json
from pathlib import Path
from typing import Any

import pytest

from aimprogress.core.actor import acting_as
from aimprogress.exchange.models import ImportBatch, ImportRow
from aimprogress.exchange.safety import receive
from aimprogress.exchange.samples import make_people_samples, make_sample
from aimprogress.exchange.services import apply_import, stage_import
from aimprogress.exchange.targets import targets
from aimprogress.places.reference import load_reference
from humanitarian.models import WageSupportReport
from members.models import HeadCount, Site
from members.site_columns import SITES
from tests.exchange.conftest import SAMPLES
from tests.factories import a_coordinator, an_organisation


def truth_of(name: str) -> dict[str, Any]:
    return json.loads((SAMPLES / f"{name}_sample.truth.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["sites", "head_counts", "pay"])
def test_a_sample_is_understood_as_its_truth_says(understood, name: str):
    truth = truth_of(name)
    found = {(one.sheet, one.row): one for one in understood(SAMPLES / f"{name}_sample.xlsx", targets()[name].spec).records}
    assert len(found) == len(truth["rows"])
    wrong = []
    for row in truth["rows"]:
        record = found[row["sheet"], row["row"]]
        outcome = record.outcome or "new"
        codes = {record.why[0]} if record.why else {problem["code"] for problem in record.problems if problem["level"] == "error"}
        if outcome != row["outcome"] or (row["why"] and row["why"] not in codes):
            wrong.append((row, outcome, codes))
        if row["outcome"] == "new" and "sites" in truth:
            expected = truth["sites"][row["key"]]
            wrong += [
                (row["key"], name, value, record.fields.get(name))
                for name, value in expected.items()
                if not _is(value, record.fields.get(name))
            ]
    assert not wrong


def _is(expected: object, found: object) -> bool:
    if isinstance(expected, float) and isinstance(found, float):
        return abs(expected - found) < 0.0005  # seconds of arc are rounded
    return expected == found


@pytest.mark.django_db
def test_the_samples_go_into_the_portal_one_after_the_other():
    load_reference()
    mine = an_organisation()

    def brought(name: str) -> ImportBatch:
        with (SAMPLES / f"{name}_sample.xlsx").open("rb") as handle:
            batch = stage_import(organisation=mine, target=name, upload=receive(handle, name=f"{name}_sample.xlsx"))
        return apply_import(batch=batch, only_good=True)

    with acting_as(a_coordinator(mine)):
        brought("sites")
        counts, pay = brought("head_counts"), brought("pay")
        assert (counts.counts["new"], counts.counts["duplicate"], counts.counts["problem"]) == (6, 1, 5)
        assert (pay.counts["new"], pay.counts["duplicate"], pay.counts["problem"]) == (6, 0, 4)
        assert {one["sheet"] for one in counts.columns} == {"Head counts"} and {one["how"] for one in counts.columns} <= HOW
        assert HeadCount.objects.count() == WageSupportReport.objects.count() == 6
        assert Site.objects.get(code="VIN-01").current_displaced == 5
        said = [
            row.body and json.dumps(row.body, ensure_ascii=False) for row in ImportRow.objects.filter(batch__in=[counts, pay])
        ]
        assert not [text for text in said if text and ("duty desk" in text or "2654321" in text)]


HOW = {"exact", "meaning", "contact", "military", "running_number"}


def test_the_samples_of_people_are_made_by_their_script(understood, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(make_sample, "HERE", tmp_path)
    make_people_samples.make()
    for name in ("head_counts", "pay"):
        spec, made = targets()[name].spec, tmp_path / f"{name}_sample.xlsx"
        bundled = (SAMPLES / f"{name}_sample.truth.json").read_text(encoding="utf-8")
        assert (tmp_path / f"{name}_sample.truth.json").read_text(encoding="utf-8") == bundled
        again, found = understood(made, spec), understood(SAMPLES / made.name, spec)
        assert [record.fields for record in again.records] == [record.fields for record in found.records]


def test_the_sample_holds_no_contact_and_is_made_by_its_script(understood, tmp_path, monkeypatch):
    found = understood(SAMPLES / "sites_sample.xlsx", SITES)
    assert [match.column.heading for match in found.matches["Sites"] if match.how == "contact"] == ["Contact person"]
    monkeypatch.setattr(make_sample, "HERE", tmp_path)
    make_sample.make()
    made = (tmp_path / "sites_sample.truth.json").read_text(encoding="utf-8")
    assert made == (SAMPLES / "sites_sample.truth.json").read_text(encoding="utf-8")
    again = understood(tmp_path / "sites_sample.xlsx", SITES)
    assert [record.fields for record in again.records] == [record.fields for record in found.records]
