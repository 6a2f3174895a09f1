"""Lists, forms and verbs: what they answer, and that a refusal keeps what was typed."""

from typing import Any

import django_filters
import pytest
from django import forms
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.template import engines
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from aimprogress.core.actor import Actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission
from aimprogress.places.models import AdminArea
from aimprogress.web.filters import FilterSet
from aimprogress.web.pages import ActionPage, Column, DetailPage, ListPage, ServicePage
from aimprogress.web.panels import panel, panels_of

READER = Actor(kind="person", permissions=frozenset({Permission.REFERENCE_READ, Permission.REFERENCE_EDIT}))
ROW = "<tr><td>{{ object.name_en }}</td></tr>"


@pytest.fixture
def areas(db: None) -> None:
    for i in range(7):
        AdminArea.objects.create(code=f"T{i}", country="UA", level=1 + i % 2, name_en=f"Area {i}", name_local="")


def ask(page: Any, method: str = "get", data: Any = None, *, htmx: dict[str, str] | None = None, **kwargs: Any) -> HttpResponse:
    request: HttpRequest = getattr(RequestFactory(headers=htmx), method)("/areas/", data or {})
    request.actor, request.session = READER, {}
    request.htmx = HtmxDetails(request)
    request._messages = CookieStorage(request)
    response = page.as_view()(request, **kwargs)
    if hasattr(response, "render"):
        response.render()
    response.request_of_test = request
    return response


class AreaFilterSet(FilterSet):
    q = django_filters.CharFilter(label="Name", field_name="name_en", lookup_expr="icontains")
    key = django_filters.UUIDFilter(label="Key", field_name="code")

    class Meta:
        model = AdminArea
        fields = ["level"]


class Areas(ListPage):
    permission = Permission.REFERENCE_READ
    queryset = AdminArea.objects.filter(code__regex=r"^T\d$")  # the real areas may be loaded as well
    heading = "Areas"
    filterset_class = AreaFilterSet
    orderings = {"code": ("code",), "name": ("-name_en", "code")}
    columns = [Column("Name")]
    page_size = 3
    empty_heading = "No area yet"

    @property
    def row_template(self) -> Any:
        return engines["django"].from_string(ROW)


def rows_of(response: HttpResponse) -> list[str]:
    return [row.pk for row in response.context_data["rows"]]


def test_a_list_shows_its_first_rows_and_the_way_on(areas: None) -> None:
    response = ask(Areas)
    assert rows_of(response) == ["T0", "T1", "T2"]
    assert "7 entries" in response.content.decode()
    after = response.context_data["page_next"]
    assert rows_of(ask(Areas, data={"after": after})) == ["T3", "T4", "T5"]


def test_a_filter_narrows_the_list_and_becomes_a_chip(areas: None) -> None:
    response = ask(Areas, data={"q": "rea 4", "unknown": "x"})
    assert rows_of(response) == ["T4"]
    (chip,) = response.context_data["chips"]
    assert (chip.label, chip.value, chip.without) == ("Name", "rea 4", "?unknown=x")
    assert "Remove filter: Name, rea 4" in response.content.decode()


def test_a_choice_is_named_in_words_in_its_chip(areas: None) -> None:
    (chip,) = ask(Areas, data={"level": "2"}).context_data["chips"]
    assert chip.value == "Raion"


@pytest.mark.parametrize("wrong", [{"q": "a\x00b"}, {"key": "not-a-uuid"}, {"level": "ninety"}, {"level": "1\x00"}])
def test_a_wrong_filter_is_an_error_beside_its_field_and_shows_no_rows(areas: None, wrong: dict[str, str]) -> None:
    response = ask(Areas, data=wrong)
    html = response.content.decode()
    assert response.status_code == 200
    assert rows_of(response) == []
    assert 'class="errs"' in html and 'aria-invalid="true"' in html


@pytest.mark.parametrize("wrong", [{"ordering": "-password"}, {"after": "a,b,c"}, {"before": "%00"}])
def test_a_made_up_order_or_cursor_is_not_understood(areas: None, wrong: dict[str, str]) -> None:
    with pytest.raises(BadRequest):
        ask(Areas, data=wrong)


def test_an_empty_list_says_so_and_a_filtered_one_offers_its_chips(areas: None) -> None:
    assert "Nothing fits these filters" in ask(Areas, data={"q": "zzz"}).content.decode()
    AdminArea.objects.filter(code__regex=r"^T\d$").delete()
    assert "No area yet" in ask(Areas).content.decode()


def test_htmx_gets_the_list_and_not_the_frame(areas: None) -> None:
    html = ask(Areas, htmx={"HX-Request": "true", "HX-Target": "list"}).content.decode()
    assert html.lstrip().startswith('<div id="list">')
    assert "<html" not in html


class RenameForm(forms.Form):
    name_en = forms.CharField(label="Name", max_length=50)


def rename_area(*, area: AdminArea, name_en: str) -> AdminArea:
    if name_en == "taken":
        raise Conflict("Somebody changed this 2 minutes ago.")
    if name_en == "wrong":
        raise ValidationError({"name_en": "This is not a name.", "other": "Something else is wrong."})
    area.name_en = name_en
    area.save()
    return area


rename_area.permission = Permission.REFERENCE_EDIT


class Rename(ServicePage):
    service = rename_area
    form_class = RenameForm
    model = AdminArea
    noun = "area"
    heading = "Rename"
    success_url = "/areas/"
    success_message = "Renamed."

    def get_undo_url(self, saved: AdminArea) -> str:
        return f"/areas/{saved.pk}/undo/"


def test_a_saved_form_goes_on_and_offers_undo(areas: None) -> None:
    response = ask(Rename, "post", {"name_en": "Poltava"}, pk="T1")
    assert (response.status_code, response["Location"]) == (302, "/areas/")
    assert AdminArea.objects.get(pk="T1").name_en == "Poltava"
    (message,) = response.request_of_test._messages
    assert (str(message), message.extra_tags) == ("Renamed.", "undo=/areas/T1/undo/")


@pytest.mark.parametrize(("typed", "status", "words"), [
    ("", 422, "This field is required"),
    ("wrong", 422, "This is not a name."),
    ("wrong", 422, "Something else is wrong."),
    ("taken", 409, "Somebody changed this 2 minutes ago."),
])  # fmt: skip
def test_a_refused_form_names_the_cause_and_keeps_what_was_typed(areas: None, typed: str, status: int, words: str) -> None:
    response = ask(Rename, "post", {"name_en": typed}, pk="T1")
    html = response.content.decode()
    assert response.status_code == status
    assert (words in html and f'value="{typed}"' in html) or not typed
    assert 'role="alert"' in html
    assert AdminArea.objects.get(pk="T1").name_en == "Area 1"


@pytest.mark.parametrize("pk", ["T99", "T\x00"])
def test_what_is_not_in_scope_is_not_here(areas: None, pk: str) -> None:
    with pytest.raises(Http404):
        ask(Rename, pk=pk)


class Forget(ActionPage):
    permission = Permission.REFERENCE_EDIT
    model = AdminArea
    noun = "area"
    question = "Forget this area?"
    verb = "Forget it"
    success_url = "/areas/"
    danger = True

    @staticmethod
    def service(*, area: AdminArea) -> None:
        if area.pk == "T0":
            raise ValidationError("This area is still in use.")
        area.delete()


def test_a_verb_is_asked_for_by_get_and_done_by_post(areas: None) -> None:
    html = ask(Forget, pk="T1").content.decode()
    assert "<h1>Forget this area?</h1>" in html and "Forget it</button>" in html
    assert AdminArea.objects.filter(pk="T1").exists()
    assert ask(Forget, "post", pk="T1").status_code == 302
    assert not AdminArea.objects.filter(pk="T1").exists()


def test_a_verb_that_is_refused_says_why(areas: None) -> None:
    response = ask(Forget, "post", pk="T0")
    assert response.status_code == 422
    assert "This area is still in use." in response.content.decode()


def test_a_page_shows_the_panels_of_other_apps_in_order(areas: None) -> None:
    panel("test-noun", order=20)(lambda request, subject: f"second {subject}")
    panel("test-noun", order=10)(lambda request, subject: "first")
    panel("test-noun", order=15)(lambda request, subject: None)
    assert panels_of("test-noun", HttpRequest(), "x") == ["first", "second x"]


def test_a_detail_page_names_its_object(areas: None) -> None:
    class Area(DetailPage):
        permission = Permission.REFERENCE_READ
        model = AdminArea
        noun = "area"
        template_name = "base.html"

    response = ask(Area, pk="T3")
    assert response.context_data["area"].pk == "T3"
    assert response.context_data["heading"] == str(AdminArea.objects.get(pk="T3"))
