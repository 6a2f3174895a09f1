"""A file of the library is read strictly, and says where it is wrong."""

import shutil

import pytest

from aimprogress.instruments import engine
from aimprogress.instruments.checks import check_library
from aimprogress.instruments.schema import InstrumentError, read_instrument
from tests.instruments.small import PASS_OR_FAIL, WORDS, a_file, a_group, an_item

GROUP = a_group("all", an_item("1", "weight: 2"), an_item("2"))


def test_a_good_file_is_read(tmp_path):
    assert len(read_instrument(a_file(tmp_path, GROUP, scale=PASS_OR_FAIL)).items) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("code: all", "code: all\n    colour: red"), r"groups\[0\]: unknown key 'colour'"),
        (('code: "2"', 'code: "1"'), "item '1' stands twice"),
        (('code: "2"', "code: 2"), r"items\[1\].code: expected str, found 2"),
        (('code: "2"', 'code: "2"\n        code: "3"'), "'code' stands twice"),
        (("weight: 2", "weight: 0"), r"items\[0\].weight: must be at least 1"),
        (("weight: 2", "weight: true"), r"items\[0\].weight: expected int"),
        (("weight: 2", "weight: 2.5"), r"items\[0\].weight: expected int"),
        (("version: 1", "version: 1\nweights_sum: 100"), "the weights add up to 3, not 100"),
        (("kind: met", "kind: good"), "'good' is none of met"),
        (("native_check: false", "native_check: no"), "native_check: expected bool"),
        (("source: test\n", ""), "'source' is missing"),
        (("help: {en: a, uk: а}", "help: {en: a}"), "'uk' is missing"),
        (("help: {en: a, uk: а}", "help: {en: a, uk: ' '}"), "a language is empty"),
        (("name: small", "name: other"), "file and name must agree"),
        (("version: 1", "version: 1\ncounts: some"), "neither met nor answered"),
        (
            ("version: 1", f"version: 1\nadequacy: {{share: 85, critical: true, yes: {WORDS}, no: {WORDS}}}"),
            "no item is critical",
        ),
        (("version: 1", f"version: 1\nadequacy: {{share: 101, yes: {WORDS}, no: {WORDS}}}"), "at most 100"),
        (
            ("version: 1", f"version: 1\nremarks: [{{code: r, label: {WORDS}, when: [[{{values: [MAYBE]}}]]}}]"),
            "the value 'MAYBE' is named by a rule",
        ),
        (
            ("version: 1", f"version: 1\nremarks: [{{code: r, label: {WORDS}, when: [[{{values: [PASS], tag: strong}}]]}}]"),
            "the tag 'strong' is named by a rule",
        ),
        (("version: 1", f"version: 1\noutcomes: [{{code: LOW, label: {WORDS}, up_to: 15}}]"), "need points"),
        (("name: small", "name: [small"), "small.yaml"),
        (("name: small", "!!python/object/apply:os.getcwd []\nname: small"), "small.yaml"),
    ],
)
def test_a_broken_file_is_refused_with_the_place_and_the_reason(tmp_path, change, said):
    path = a_file(tmp_path, GROUP, scale=PASS_OR_FAIL)
    before = path.read_text(encoding="utf-8")
    assert change[0] in before
    path.write_text(before.replace(change[0], change[1], 1), encoding="utf-8")
    with pytest.raises(InstrumentError, match=said) as refused:
        read_instrument(path)
    assert str(refused.value).startswith("small.yaml: ")


def test_yes_and_no_are_words_and_not_truth_values(tmp_path):
    scale = f"YES: {{kind: met, label: {WORDS}}}\nNO: {{kind: not_met, label: {WORDS}}}"
    assert set(read_instrument(a_file(tmp_path, GROUP, scale=scale)).scale) == {"YES", "NO"}


def test_manage_check_names_every_broken_file_and_nothing_else(tmp_path, monkeypatch):
    library = tmp_path / "library"
    shutil.copytree(engine.LIBRARY, library)
    monkeypatch.setattr(engine, "LIBRARY", library)
    assert check_library() == []
    a_file(library, GROUP, scale="PASS: {}")
    (library / "empty.yaml").write_text("", encoding="utf-8")
    problems = check_library()
    assert [problem.id for problem in problems] == ["instruments.E001"] * 2
    assert "empty.yaml" in problems[0].msg
    assert "small.yaml" in problems[1].msg


def test_an_older_version_stays_readable_beside_the_newest(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "LIBRARY", tmp_path)
    older = a_file(tmp_path, GROUP, scale=PASS_OR_FAIL, version=1)
    older.rename(tmp_path / "small.v1.yaml")
    a_file(tmp_path, GROUP, scale=PASS_OR_FAIL, version=2)
    engine.load.cache_clear()
    try:
        assert engine.names() == ["small"]
        assert engine.load("small").version == 2
        assert engine.load("small", 2).version == 2
        assert engine.load("small", 1).version == 1
    finally:
        engine.load.cache_clear()
