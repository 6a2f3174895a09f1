"""Rules of the code that a reviewer should not have to remember."""

import ast
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from aimprogress.core.services import SERVICES

pytestmark = pytest.mark.house

ROOT = Path(settings.BASE_DIR)
CODE = [
    path
    for app in ("aimprogress", "members", "suppliers", "humanitarian", "risks")
    for path in sorted((ROOT / app).rglob("*.py"))
]
ADAPTERS = re.compile(r"(^|/)(\w+_)?(views|pages|api|filters|forms|urls)(/|\.py$)")
WRITING_WITH_REASON = {
    "aimprogress/api/idempotency.py": "keeps the answer to a request that may be sent again",
    "aimprogress/api/tasks.py": "forgets those answers by the clock",
    "members/views/devices.py": "saves a drawing into memory",
}
UNSCOPED_WITH_REASON = {
    "aimprogress/core/audit.py": "the chain writes events that its own actor may not read",
    "aimprogress/jobs/claim.py": "a worker claims before it knows in whose name it will act",
    "aimprogress/jobs/requests.py": "the key of a request is unique in its organisation, whatever the Actor may list",
    "aimprogress/management/commands/restore_check.py": "reads a restored copy, all of it",
    "humanitarian/services/actions.py": "numbers count over the organisation, also for a reporter of one site",
}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def parts(path: Path) -> tuple[str, ...]:
    """Inside the project: where somebody keeps it must not excuse a file."""
    return path.relative_to(ROOT).parts


def every_service() -> dict[str, Any]:
    """All services by their audit action, whether or not anything has asked for them yet."""
    for path in CODE:
        if "services" in parts(path) or path.name == "services.py":
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    return {action: verb for action, verb in SERVICES.items() if not verb.__module__.startswith("tests.")}


def test_migrations_are_named_for_what_they_do():
    names = [path.stem for path in CODE if path.parent.name == "migrations" and path.stem != "__init__"]
    assert names
    unnamed = [
        name for name in names if not re.fullmatch(r"\d{4}_[a-z][a-z0-9_]+", name) or re.search(r"auto_|initial$|_and_more", name)
    ]
    assert not unnamed


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say(capsys):
    call_command("makemigrations", check=True, dry_run=True)  # leaves with SystemExit where a migration is missing
    assert "No changes detected" in capsys.readouterr().out


def test_public_functions_of_services_are_services():
    """A public function in services that writes is decorated; the helpers that others share are named here, and no others."""
    shared = {
        "accept_invitation", "add_action", "add_alert_level", "add_head_count", "add_status", "begin_roll_call", "end_sessions",
        "end_keys_beyond", "enrol_device", "make_sign_in_link", "note_wipe", "pass_on_care", "pass_on_duty", "pass_on_members",
        "pass_on_roles", "pass_on_the_desk", "refresh_current", "retract", "use_sign_in_link", "withdraw_invitations_of",
    }  # fmt: skip
    bare = set()
    for path in CODE:
        if ("services" not in parts(path) and path.name != "services.py") or path.name == "__init__.py" or "core" in parts(path):
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                decorators = {getattr(d, "func", d) for d in node.decorator_list}
                if not any(getattr(d, "id", "") == "service" for d in decorators) and _writes(node):
                    bare.add(node.name)
    assert bare == shared


def _writes(function: ast.FunctionDef) -> bool:
    names = {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}
    return bool(names & {"save", "create", "bulk_create", "update", "delete", "update_or_create", "get_or_create"})


def test_every_service_takes_keywords_only_and_says_what_it_does():
    services = every_service()
    assert len(services) >= 20
    for action, verb in services.items():
        arguments = verb.__wrapped__.__code__
        assert arguments.co_argcount == 0, action
        assert verb.__doc__, action


def test_only_the_core_looks_past_the_scope():
    users = {relative(path) for path in CODE if re.search(r"\.unscoped\b", path.read_text()) and "migrations" not in parts(path)}
    assert users == set(UNSCOPED_WITH_REASON)


def test_adapters_never_write():
    """Pages and viewsets hand over to services; they save, create and delete nothing themselves."""
    banned = {"save", "delete", "bulk_create", "bulk_update", "update_or_create", "get_or_create"}
    writing = set()
    for path in CODE:
        if not ADAPTERS.search(relative(path)) or "core" in parts(path):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                on_rows = isinstance(node.func.value, ast.Attribute) and node.func.value.attr == "objects"
                if node.func.attr in banned or (on_rows and node.func.attr in {"create", "update"}):
                    writing.add(relative(path))
    assert writing == set(WRITING_WITH_REASON)


SILENCED = re.compile(
    r"#\s*(?:noqa|type:\s*ignore|pragma:\s*no\s+cover|nosec)\b"
    r"(?:[:\[]\s*[\w, -]+?\]?(?=\s+[-#(]|\s*$))?"  # its codes
    r"(?P<why>.*)"
)
SKIPPED = re.compile(r"pytest\.(?:mark\.)?(?:skip|xfail)\s*(?:\(\s*\))?\s*$")


def without_a_reason(line: str) -> bool:
    """Whether the line silences a warning, leaves itself unmeasured or skips a test, and says nothing of why."""
    silenced = SILENCED.search(line)
    return bool(silenced and not re.search(r"[^\W\d_]{2}", silenced["why"])) or bool(SKIPPED.search(line))


@pytest.mark.parametrize("said", ["", " - the stub is wrong"])
@pytest.mark.parametrize(
    "line", ["# noqa", "# noqa: F401", "# noqa: F401, E501", "# type: ignore", "# type: ignore[arg-type]", "# pragma: no cover"]
)
def test_a_bare_excuse_is_seen(line, said):
    assert without_a_reason(f"import yaml  {line}{said}") is not bool(said)


def test_a_bare_skip_is_seen():
    assert without_a_reason("@pytest.mark.skip") and without_a_reason("    pytest.skip()")
    assert not without_a_reason('    pytest.skip("no pip here")')


def test_what_is_excused_says_why():
    places = [*CODE, *(path for folder in ("tests", "benchmarks", "bin") for path in sorted((ROOT / folder).rglob("*.py")))]
    lines = ((path, at, line) for path in places for at, line in enumerate(path.read_text().splitlines(), start=1))
    bare = [f"{relative(path)}:{at}" for path, at, line in lines if path.name != "test_code.py" and without_a_reason(line)]
    assert not bare, bare


def test_nothing_prints_and_nothing_evaluates():
    banned = []
    for path in CODE:
        if "commands" in parts(path) or path.name.startswith("make_") or "embedded" in parts(path):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"print", "eval", "exec"}:
                banned.append(f"{relative(path)}:{node.lineno}")
    assert not banned
