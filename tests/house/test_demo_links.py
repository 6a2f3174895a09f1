"""A link that signs in without a password exists with demo data only: no url, no row, no way to spend one (decisions 6.1)."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import get_resolver

from aimprogress.core.exceptions import Conflict
from members.models import SignInLink, User
from members.services.accounts import make_sign_in_link, use_sign_in_link

pytestmark = pytest.mark.house
ROOT = Path(settings.BASE_DIR)
MAY_NAME_LINKS = {
    "members/models/organisation.py", "members/models/__init__.py", "members/services/accounts.py",
    "members/own_account.py",  # names it in the list of what holds a key to an account, and counts
}  # fmt: skip


def views(patterns) -> set[str]:
    found = set()
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            found |= views(pattern.url_patterns)
        else:
            found.add(getattr(getattr(pattern.callback, "view_class", pattern.callback), "__name__", ""))
    return found


def test_without_demo_data_no_url_leads_to_the_link():
    assert settings.DEMO is False
    assert "DemoSignIn" not in views(get_resolver("aimprogress.urls").url_patterns)


def test_the_url_stands_behind_the_setting_and_nowhere_else():
    tree = ast.parse((ROOT / "members/urls.py").read_text())
    guarded = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "settings.DEMO"]
    assert len(guarded) == 1 and "DemoSignIn" in ast.unparse(guarded[0])
    assert ast.unparse(tree).count("DemoSignIn") == 1


@pytest.mark.django_db
def test_without_demo_data_a_link_is_neither_made_nor_spent():
    user = User.objects.create_user(email="somebody@halden.example", password="correct horse battery staple")
    with pytest.raises(Conflict):
        make_sign_in_link(user)
    assert not SignInLink.objects.exists()
    assert use_sign_in_link("anything") is None


def test_only_the_accounts_service_touches_links():
    naming = {
        str(path.relative_to(ROOT))
        for app in ("aimprogress", "members", "suppliers", "humanitarian", "risks")
        for path in (ROOT / app).rglob("*.py")
        if "SignInLink" in path.read_text() and "migrations" not in path.parts
    }
    assert naming <= MAY_NAME_LINKS
