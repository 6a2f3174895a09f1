"""Pages and style sheets travel compressed; the API's answers, whose ETags are strong, do not."""

import gzip

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from aimprogress.web.compression import CompressPages

TEXT = "<p>the same again</p>" * 200


def sent(kind: str) -> HttpResponse:
    answer = HttpResponse(TEXT, content_type=kind, headers={"ETag": '"strong"'})
    request = RequestFactory().get("/", headers={"accept-encoding": "gzip, br"})
    return CompressPages(lambda _request: answer)(request)


def test_a_page_travels_compressed_and_its_length_tells_nothing_exact() -> None:
    lengths = {len(sent("text/html; charset=utf-8").content) for _ in range(40)}
    assert max(lengths) < len(TEXT) / 4
    assert len(lengths) > 10, "without random padding the length would tell what the page holds"
    assert gzip.decompress(sent("text/html").content).decode() == TEXT


@pytest.mark.parametrize(
    "kind", ["application/json", "application/problem+json", "application/geo+json", "application/pdf", "text/csv"]
)
def test_answers_of_the_api_and_files_stay_as_they_are(kind: str) -> None:
    assert sent(kind).content.decode() == TEXT
    assert sent(kind)["ETag"] == '"strong"'


def test_style_sheets_are_compressed_too() -> None:
    answer = Client().get("/static/css/portal.css", headers={"accept-encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.getvalue()) < 15_000
