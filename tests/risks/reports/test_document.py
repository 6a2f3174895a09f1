"""What stands on the pages, before they are set: words, marks, escaping. No PDF is made here."""

import re
from html.parser import HTMLParser

import pytest
from django.utils import translation

from risks.reports import printing
from risks.reports.chapters import CHAPTERS, LATER, ORDER
from risks.reports.document import document
from risks.reports.tables import first_of, most_severe
from tests.risks.reports.evidence_sample import sample


class Tags(HTMLParser):
    """Collects every element and attribute that a text would open."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def html() -> str:
    return document(sample())


def test_hostile_text_is_printed_and_never_becomes_markup(html):
    parser = Tags()
    parser.feed(html)
    assert {tag for tag, _attributes in parser.found} & {"script", "img", "style", "object", "embed", "iframe", "b "} == set()
    loaded = [attributes for tag, attributes in parser.found if tag == "link"]
    assert loaded == [{"rel": "stylesheet", "href": "asset:report.css"}]
    hrefs = {attributes["href"] for tag, attributes in parser.found if tag == "a"}
    assert hrefs and all(href.startswith("#") for href in hrefs)
    for piece in ("&lt;script&gt;", "&lt;img src=", "&lt;/td&gt;&lt;/table&gt;", "{{ evidence }}{% include"):
        assert piece in html


def test_no_element_carries_a_style_or_a_handler(html):
    parser = Tags()
    parser.feed(html)
    names = {name for _tag, attributes in parser.found for name in attributes}
    assert not {name for name in names if name == "style" or name.startswith("on")}


def test_what_is_not_known_comes_first_in_the_summary(html):
    summary = html[html.index('id="c1"') :]
    assert summary.index("What is not known") < summary.index("Key numbers") < summary.index("The most severe issues")


def test_what_nobody_reported_is_never_a_zero():
    evidence = sample()
    evidence["chapters"]["people"]["head_counts"] = None
    evidence["chapters"]["supply"] = None
    evidence["chapters"]["aid"] = None
    evidence["chapters"]["scope"]["exclusions"] = None
    evidence["chapters"]["people"]["drills"] = None
    html = document(evidence)
    for heading in ("Head count.", "Supply chain.", "Humanitarian support.", "Exclusions.", "Drills."):
        assert re.search(rf'<span class="k">{heading}</span>\s*<span class="nr">not reported</span>', html), heading


def test_an_empty_register_is_not_called_free_of_issues():
    evidence = sample()
    evidence["chapters"]["issues"] |= {"rows": [], "added": None}
    html = document(evidence)
    assert "An empty register is not a finding that there are no issues" in html


def test_the_most_minimal_snapshot_still_prints():
    evidence = sample()
    people = evidence["chapters"]["people"]
    people |= {"head_counts": None, "trend": None, "plans": None, "drills": None, "communication": None, "actions": None,
               "sites": [], "attention": [], "status": {"figure": "E-011", "rows": []}}  # fmt: skip
    evidence["chapters"]["scope"] |= {"map": [], "timeline": [], "areas": [], "countries": [], "people": None, "exclusions": None}
    evidence["chapters"]["quality"] |= {"datasets": [], "sources": [], "replaced": None}
    evidence["chapters"]["summary"] = {"unknown": [], "changes": [], "key": [], "gaps": []}
    assert "not reported" in document(evidence)


def test_small_counts_and_protected_states_are_marked_and_not_printed(html):
    table = html[html.index("Injured, alive") :]
    assert "&lt;5" in table[: table.index("</tr>")]
    detained = html[html.index("Detained, captive or deported §") :]
    assert "not collected" in detained[: detained.index("</tr>")]


def test_every_number_of_the_domain_reference_is_printed_or_named_as_later(html):
    contents = html[html.index('id="contents"') : html.index('id="c1"')]
    for number in ORDER:
        assert f'<span class="no">{number}</span>' in contents
    assert contents.count("not in this release") == len(LATER)
    assert len(CHAPTERS) + len(LATER) == len(ORDER)


def test_the_chapters_of_this_release_are_those_of_its_issue(html):
    parser = Tags()
    parser.feed(html)
    anchors = [attributes["id"] for tag, attributes in parser.found if tag == "h1" and "id" in attributes]
    assert anchors == ["contents", "c1", "c2", "c4", "c5", "c6", "c7", "c11", "c13", "ca", "cb", "ce"]
    cover = html[: html.index('id="contents"')]
    for said in ("Halden Foods", "October 2026", "22 Nov 2026, 09:00 UTC", "ADP-UNGP-HALDEN-2026-010-r1", "CONFIDENTIAL"):
        assert said in cover, said


def test_charts_and_map_stand_in_the_pages_each_with_words_for_who_does_not_see_it(html):
    titles = re.findall(r"<svg[^>]*><title>([^<]+)</title>", html)
    assert [title.split(".")[0].split(":")[0] for title in titles] == [
        "Map of Ukraine and its neighbours with the number of sites by status",
        "Alert level of areas over time",
        "Heat map of issues, severity by likelihood",
        "Share of people accounted for, week by week",
        "Adequate evacuation plans by alert level",
        "Sites by freshness",
    ]


CODE = re.compile(r"[A-Z0-9_-]+|[a-z_]+|\d[\d.:TZ+-]*|[0-9a-f]{64}|(>=)?[+-]?\d+(\.\d+)?")
"""What is no free text: codes, dates, numbers, fingerprints. Everything else was typed by somebody, or could be."""


def laced(value, key=""):
    """The same snapshot with markup in front of every free text and in every name."""
    if isinstance(value, dict):
        return {name: laced(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [laced(part, key) for part in value]
    if isinstance(value, str) and (key in TYPED or not CODE.fullmatch(value)):
        return f"</p></td><script>x</script><a href='javascript:x'>{{{{ x }}}}{value}"
    return value


TYPED = {"name", "short_name", "title", "owner", "response", "what", "reason", "partner", "purpose", "source", "en", "uk"}


def test_markup_in_any_field_changes_no_element_of_the_document(html):
    evidence = sample()
    hostile = {**evidence, "places": laced(evidence["places"]), "chapters": laced(evidence["chapters"])}
    hostile["meta"] = {**evidence["meta"], "organisation": laced(evidence["meta"]["organisation"])}
    hostile["figures"] = {name: {**figure, "query": laced(figure["query"])} for name, figure in evidence["figures"].items()}
    said = document(hostile)
    assert said.count("&lt;script&gt;x") > 200
    before, after = Tags(), Tags()
    before.feed(html)
    after.feed(said)
    # the map leaves out the name of a country that does not fit
    assert [tag for tag, _attributes in after.found if tag != "text"] == [tag for tag, _ in before.found if tag != "text"]
    hrefs = {attributes.get("href", "#") for _tag, attributes in after.found}
    assert {href[:1] for href in hrefs} <= {"#", "a"} and "asset:report.css" in hrefs


def test_rows_are_ranked_and_cut_at_forty():
    rows, said = most_severe(range(412), "issues.csv")
    assert len(rows) == 40 and said == "Showing the 40 most severe of 412, all in attachment issues.csv."
    assert most_severe(range(40), "issues.csv") == (range(40), "")
    assert first_of([1, 2], "plans.csv", 5, total=36)[1] == "Showing 2 of 36, all in attachment plans.csv."


def test_a_register_of_412_issues_prints_forty_and_says_so():
    evidence = sample()
    row = evidence["chapters"]["issues"]["rows"][0]
    evidence["chapters"]["issues"]["rows"] = [{**row, "code": f"R-{place:03}"} for place in range(412)]
    html = document(evidence)
    ranking = html[html.index("Table 5.1") :]
    ranking = ranking[: ranking.index("</table>") + 300]
    assert "R-039" in ranking and "R-040" not in ranking
    assert "Showing the 40 most severe of 412, all in attachment issues.csv." in ranking


def test_the_severity_sentence_comes_from_the_formula(html):
    assert "Severity 5 (gravest): death, torture" in html


def test_currencies_stand_first_and_the_sum_is_called_indicative(html):
    money = html[html.index("Table 13.1") : html.index("Table 13.2")]
    assert money.index("UAH") < money.index("Indicative total, EUR")
    assert "500,072.88" in money and "416,739.55" in money and "83.3" in money


def test_without_rates_no_sum_over_currencies_is_printed():
    evidence = sample()
    evidence["chapters"]["aid"] |= {"rates": None, "total": None}
    html = document(evidence)
    assert "Indicative" not in html and "no sum over currencies is printed" in html


def test_the_same_snapshot_gives_the_same_text():
    assert document(sample()) == document(sample())


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["9,206", "99.3\u202f%", "4,500,000.00", "22 Nov 2026, 06:40"]),
        ("uk", ["9\u00a0206", "99,3\u202f%", "4\u00a0500\u00a0000,00"]),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(language, expected):
    with translation.override(language):
        found = [
            printing.whole(9206),
            printing.percent("99.3"),
            printing.decimal("4500000.00", 2),
            printing.instant("2026-11-22T06:40:00Z"),
        ]
    assert found[: len(expected)] == expected


def test_a_whole_month_is_called_by_its_name():
    assert printing.period("2026-10-01", "2026-10-31") == "October 2026"
    assert printing.period("2026-12-01", "2026-12-31") == "December 2026"
    assert printing.period("2026-10-01", "2026-10-30") == "1 Oct 2026 to 30 Oct 2026"


@pytest.mark.parametrize(("hours", "said"), [("7.0", "7 h"), ("38.0", "1 d 14 h"), ("74.5", "3 d 2 h")])
def test_spans_are_said_in_days_and_hours(hours, said):
    assert printing.hours(hours) == said
