"""The snapshot is written in one way only, and its sha256 is the report's identity."""

import copy
import json

import pytest

from risks.reports.attachments import as_csv, files_of
from risks.reports.evidence import EvidenceError, canonical, check, fingerprint, read, referenced
from tests.risks.reports.evidence_sample import sample


def test_the_order_of_keys_does_not_change_the_identity():
    evidence = sample()
    shuffled = json.loads(json.dumps(evidence, sort_keys=False))
    turned = dict(reversed(list(shuffled.items())))
    assert list(turned) != list(evidence)
    assert fingerprint(turned) == fingerprint(evidence)


def test_any_changed_value_changes_the_identity():
    evidence, changed = sample(), sample()
    changed["chapters"]["people"]["head_counts"]["expected"][0] += 1
    assert fingerprint(changed) != fingerprint(evidence)


def test_canonical_json_is_utf8_sorted_and_without_spaces():
    assert canonical({"b": 1, "a": ["Львів", None, True]}) == '{"a":["Львів",null,true],"b":1}'.encode()


@pytest.mark.parametrize("value", [{"a": 1.5}, {"a": [{"b": float("nan")}]}, {1: "x"}])
def test_binary_fractions_and_other_keys_are_refused(value):
    with pytest.raises(TypeError):
        canonical(value)


def test_a_snapshot_reads_back_as_it_was_written():
    evidence = sample()
    assert read(canonical(evidence)) == evidence


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"schema":"EVD-0"}',
        b"\xff",
        json.dumps(sample()).encode(),
        b'{"a":1.5,"schema":"EVD-1"}',
        b'{"a":"\\ud800","schema":"EVD-1"}',
        b"[" * 100_000,
    ],
    ids=["empty", "list", "other", "bytes", "spaces", "fraction", "half a pair", "deep"],
)
def test_what_is_not_a_canonical_snapshot_is_refused(data):
    with pytest.raises(EvidenceError):
        read(data)


def test_a_figure_that_a_chapter_names_must_be_in_the_index():
    evidence = sample()
    assert {"E-014", "E-015", "E-022", "E-072"} <= referenced(evidence["chapters"])
    broken = copy.deepcopy(evidence)
    del broken["figures"]["E-014"]
    with pytest.raises(EvidenceError, match="E-014"):
        check(broken)


def test_tables_are_attached_in_full_as_canonical_csv():
    evidence = sample()
    files = files_of(evidence)
    assert files["evidence.json"] == canonical(evidence)
    assert files["actions.csv"].count(b"\r\n") == 1 + len(evidence["tables"]["actions"]["rows"]) == 42
    assert files == files_of(sample())


@pytest.mark.parametrize("start", ["=", "+", "@", "\t", "＝", " =", "-"])
def test_text_that_a_spreadsheet_would_run_is_made_harmless(start):
    written = as_csv(["a"], [[f"{start}cmd|' /C calc'!A0"]]).decode().split("\r\n")[1]
    assert written.lstrip('"').startswith("'")


def test_numbers_stay_numbers_in_csv():
    assert as_csv(["a", "b", "c"], [[-5, "-5.25", None]]) == b"a,b,c\r\n-5,-5.25,\r\n"
