"""The bundled sample shows the shapes of real lists; its truth is met in every field."""

import json

from aimprogress.exchange.samples import make_sample
from members.site_columns import SITES
from tests.exchange.conftest import SAMPLES


def test_the_sample_is_understood_as_its_truth_says(understood):
    truth = json.loads((SAMPLES / "sites_sample.truth.json").read_text(encoding="utf-8"))
    found = {(record.sheet, record.row): record for record in understood(SAMPLES / "sites_sample.xlsx", SITES).records}
    assert len(found) == len(truth["rows"])
    wrong = []
    for row in truth["rows"]:
        record = found[row["sheet"], row["row"]]
        outcome = record.outcome or "new"
        codes = {record.why[0]} if record.why else {problem["code"] for problem in record.problems if problem["level"] == "error"}
        if outcome != row["outcome"] or (row["why"] and row["why"] not in codes):
            wrong.append((row, outcome, codes))
        if row["outcome"] == "new":
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


def test_the_sample_holds_no_contact_and_is_made_by_its_script(understood, tmp_path, monkeypatch):
    found = understood(SAMPLES / "sites_sample.xlsx", SITES)
    assert [match.column.heading for match in found.matches["Sites"] if match.how == "contact"] == ["Contact person"]
    monkeypatch.setattr(make_sample, "HERE", tmp_path)
    make_sample.make()
    made = (tmp_path / "sites_sample.truth.json").read_text(encoding="utf-8")
    assert made == (SAMPLES / "sites_sample.truth.json").read_text(encoding="utf-8")
    again = understood(tmp_path / "sites_sample.xlsx", SITES)
    assert [record.fields for record in again.records] == [record.fields for record in found.records]
