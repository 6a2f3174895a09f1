"""A saved view is a name for the url of a filtered list; it belongs to one person."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.urls import get_resolver

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.ids import NO_ORGANISATION
from aimprogress.core.permissions import Role
from aimprogress.web import services
from aimprogress.web.lists import ListPage
from aimprogress.web.models import FormDraft, SavedView
from aimprogress.web.services import MOST_VIEWS, delete_view, filterset_of, keep_draft, rename_view, save_view
from members.demo_desk import VIEWS
from tests.factories import a_coordinator, a_reporter, a_site, a_user, a_viewer, an_organisation
from tests.house.world import every_url
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
SITES = "members:sites"


@pytest.fixture
def member():
    return an_organisation()


def test_what_is_saved_is_what_the_list_knows(member):
    with acting_as(a_coordinator(member)):
        query = "group=lost&group=evac&country=UA&after=x&colour=red&ordering=oldest&view=map&q="
        view = save_view(page=SITES, query=query.replace("group=lost&group=evac&", ""), name=" Silent ")
        assert (view.name, view.query) == ("Silent", "country=UA&ordering=oldest&view=map")
        for wrong in ("", "ordering=oldest", "country=Narnia", "colour=red"):
            with pytest.raises(ValidationError):
                save_view(page=SITES, query=wrong, name="Wrong")
        for page in ("members:overview", "members:site", "no:page", "members:call_list"):
            with pytest.raises(ValidationError):
                save_view(page=page, query="country=UA", name="Wrong")


def test_every_list_with_filters_can_be_saved(member):
    pages = [
        url.name
        for url in every_url()
        if isinstance(url.view, type) and issubclass(url.view, ListPage) and url.view.filterset_class
    ]
    assert {SITES, "humanitarian:actions", "suppliers:list", "risks:issues"} <= set(pages) and get_resolver()
    with acting_as(SYSTEM):
        for page in pages:
            assert filterset_of(page)._meta.model is not None, page


def test_the_views_of_the_demo_are_ones_that_the_portal_would_save(member):
    with acting_as(a_coordinator(member)):
        for page, name, query in VIEWS:
            assert save_view(page=page, name=name, query=query).query == query


def test_a_list_that_somebody_may_not_read_has_no_views(member):
    with acting_as(a_reporter(a_site(member))), pytest.raises(PermissionDenied):
        save_view(page="suppliers:list", query="q=grain", name="Grain")


def test_a_view_is_its_owners_alone_also_for_the_database(member):
    her, colleague = a_coordinator(member), a_coordinator(member)
    with acting_as(her):
        view = save_view(page=SITES, query="country=UA", name="Silent")
        assert SavedView.unscoped.count() == 1
    with acting_as(colleague):
        assert SavedView.unscoped.count() == 0
        for verb in (rename_view, delete_view):
            with pytest.raises(PermissionDenied):
                verb(view=view, **({"name": "Mine"} if verb is rename_view else {}))
        with pytest.raises(DatabaseError), transaction.atomic():
            SavedView.unscoped.bulk_create(
                [SavedView(organisation=member, user_id=her.user_id, page=SITES, name="Forged", query="country=UA")]
            )
        save_view(page=SITES, query="country=PL", name="Silent")
    with acting_as(SYSTEM):
        assert SavedView.objects.count() == 2


@pytest.mark.parametrize("person", ["", str(NO_ORGANISATION), "nobody"])
def test_a_connection_that_does_not_say_who_asks_sees_nobodys_views_and_drafts(member, person):
    her = a_coordinator(member)
    with acting_as(her):
        save_view(page=SITES, query="country=UA", name="Silent")
        keep_draft(url="/sites/new/", content={"name": ["Marker"]})
    with acting_as(SYSTEM):
        assert (SavedView.unscoped.count(), FormDraft.unscoped.count()) == (1, 1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('portal.person', %s, true)", [person])
        assert (SavedView.unscoped.count(), FormDraft.unscoped.count()) == (0, 0)
    with acting_as(a_coordinator(member)):
        assert FormDraft.unscoped.count() == 0


def test_names_are_taken_once_and_views_are_not_without_end(member):
    with acting_as(a_viewer(member)):
        for n in range(MOST_VIEWS):
            view = save_view(page=SITES, query="country=UA", name=f"View {n}")
        with pytest.raises(ValidationError) as full:
            save_view(page=SITES, query="country=UA", name="One more")
        with pytest.raises(ValidationError) as taken:
            rename_view(view=view, name="View 0")
        assert full.value.message_dict.keys() == taken.value.message_dict.keys() == {"name"}
        delete_view(view=view)
        save_view(page="humanitarian:actions", query="state=overdue", name="View 0")


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_save_at_once_do_not_pass_the_limit(member, monkeypatch):
    monkeypatch.setattr(services, "MOST_VIEWS", 1)
    her = a_coordinator(member)

    def second_tab():
        try:
            with acting_as(her):
                save_view(page=SITES, query="country=PL", name="Second")
        except ValidationError as error:
            return error.message_dict.keys()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with acting_as(her):
            save_view(page=SITES, query="country=UA", name="First")
            other = pool.submit(second_tab)
            wait_until_it_waits(other)
        assert other.result(20) == {"name"}
    with acting_as(SYSTEM):
        assert SavedView.objects.get().name == "First"


def wait_until_it_waits(work):
    for _look in range(400):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] or work.done():
                return
        sleep(0.05)


def test_who_is_no_person_saves_no_view(member):
    with acting_as(SYSTEM), pytest.raises(PermissionDenied):
        save_view(page=SITES, query="country=UA", name="Silent")


def test_saved_in_two_presses_shown_above_the_list_renamed_and_deleted(member):
    client = signed_in(a_user(member, Role.MEMBER_COORDINATOR))
    assert "Save this view" not in client.get("/sites/").content.decode()
    filtered = client.get("/sites/?country=UA").content.decode()
    assert 'name="query" value="country=UA"' in filtered and "Save this view" in filtered
    saved = client.post("/views/save/", {"page": SITES, "query": "country=UA&after=", "name": "Ukraine"}, follow=True)
    assert saved.redirect_chain[-1][0] == "/sites/?country=UA"
    page = saved.content.decode()
    assert 'href="?country=UA" aria-current="true">Ukraine</a>' in page and "Save this view" not in page
    assert "Ukraine</a>" in client.get("/sites/").content.decode()
    assert "Ukraine</a>" not in client.get("/actions/").content.decode()
    with acting_as(SYSTEM):
        view = SavedView.objects.get()
    assert "/sites/?country=UA" in client.get("/views/").content.decode()
    assert "Home sites" in client.post(f"/views/{view.pk}/rename/", {"name": "Home sites"}, follow=True).content.decode()
    assert "Delete this view?" in client.get(f"/views/{view.pk}/delete/").content.decode()
    assert "No saved views yet" in client.post(f"/views/{view.pk}/delete/", follow=True).content.decode()
    refused = client.post("/views/save/", {"page": SITES, "query": "country=XX", "name": "Nowhere"})
    assert refused.status_code == 422 and "One of these filters is not valid" in refused.content.decode()
    stranger = signed_in(a_user(member, Role.MEMBER_COORDINATOR))
    assert stranger.get(f"/views/{view.pk}/delete/").status_code == 404
