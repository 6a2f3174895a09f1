"""What `make run` and `make test` install, and through which index."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.portal import PROJECT, without_pytest


@pytest.fixture(scope="module")
def pip_settings() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pip_settings", PROJECT / "bin" / "pip_settings.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("UV_", "PIP_", "SSL_CERT", "REQUESTS_CA", "HTTP_PROXY", "HTTPS_PROXY")):
            monkeypatch.delenv(name)


def test_pips_indexes_are_handed_to_uv(pip_settings: ModuleType) -> None:
    pip = {"index-url": "https://index.example/simple", "extra-index-url": "file:///a file:///b", "find-links": "/wheels /more"}
    assert pip_settings.for_uv(pip) == {
        "UV_DEFAULT_INDEX": "https://index.example/simple",
        "UV_INDEX": "file:///a file:///b",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/wheels,/more",
    }


def test_what_the_person_told_uv_stays(pip_settings: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://mine.example/simple")
    assert "UV_DEFAULT_INDEX" not in pip_settings.for_uv({"index-url": "https://index.example/simple"})


def test_a_machine_without_settings_sets_nothing(pip_settings: ModuleType) -> None:
    assert pip_settings.for_uv({}) == {}


def test_pip_conf_and_the_environment_are_both_read(
    pip_settings: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    conf = tmp_path / "pip.conf"
    conf.write_text("[global]\nindex-url = https://general.example/simple\ncert = /etc/ca.pem\n[install]\nno-index = true\n")
    base = sys._base_executable  # .venv is made without pip
    if subprocess.run([base, "-m", "pip", "--version"], capture_output=True).returncode:
        pytest.skip("the Python below .venv has no pip any more")
    monkeypatch.setattr(sys, "executable", base)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(conf))
    monkeypatch.setenv("PIP_INDEX_URL", "https://closer.example/simple")
    found = pip_settings.for_uv(pip_settings.settings())
    assert found["UV_DEFAULT_INDEX"] == "https://closer.example/simple"
    assert found["SSL_CERT_FILE"] == "/etc/ca.pem"
    assert found["UV_NO_INDEX"] == "1"


def test_a_python_that_is_too_old_is_said_with_the_way_out(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = subprocess.run(
        [PROJECT / "bin" / "setup", "run"], env={"PATH": os.environ["PATH"], "PYTHON": str(old)}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "3.11 or newer" in done.stderr


def test_a_missing_pip_is_said_with_the_command(tmp_path: Path) -> None:
    """As on a fresh Debian: python3 is there, pip is not."""
    for name in ("bin", "requirements"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    python = tmp_path / "python3"
    python.write_text(f'#!/bin/sh\n[ "$2" = pip ] && exit 1\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    environment = {"PATH": os.environ["PATH"], "PYTHON": str(python), "AIM_NO_APT": "1"}
    done = subprocess.run([tmp_path / "bin" / "setup", "run"], env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "apt install make python3-pip" in done.stderr


def a_machine(room: Path, level: str) -> dict[str, str]:
    """A copy of the project whose Python packages are in place, on a machine without gettext and faketime: its environment.

    apt-get is a script that writes down what it was asked for.
    """
    for name in ("bin", "requirements"):
        shutil.copytree(PROJECT / name, room / name)
    files = ["runtime", "embedded", *(["test"] if level == "test" else [])]
    pins = b"".join((room / "requirements" / f"{name}.txt").read_bytes() for name in files)
    scripts = {
        ".venv/bin/python": "exit 0",
        "path/apt-get": f'echo "$@" >> {room}/asked',
        "path/sudo": 'shift; exec "$@"',
    }
    for name, text in scripts.items():
        script = room / name
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(f"#!/bin/sh\n{text}\n")
        script.chmod(0o755)
    (room / ".venv" / ".portal").write_text(f"{level} {hashlib.sha256(pins).hexdigest()}\n")
    for tool in ("bash", "sh", "env", "cut", "cat", "sha256sum", "id", "dirname", "true"):
        (room / "path" / tool).symlink_to(shutil.which(tool))
    return {"PATH": str(room / "path"), "PYTHON": sys.executable, "AIM_CHROMIUM": "/somewhere/chromium"}


def test_the_tests_get_gettext_and_faketime_with_apt_where_it_may(tmp_path: Path) -> None:
    environment = a_machine(tmp_path, "test")
    subprocess.run([tmp_path / "bin" / "setup", "test"], env=environment, check=True, capture_output=True)
    assert (tmp_path / "asked").read_text() == "install -qq -y --no-install-recommends gettext faketime\n"


def test_running_the_portal_installs_nothing_that_only_tests_need(tmp_path: Path) -> None:
    environment = a_machine(tmp_path, "run")
    subprocess.run([tmp_path / "bin" / "setup", "run"], env=environment, check=True, capture_output=True)
    assert not (tmp_path / "asked").exists()


def test_where_apt_is_not_wanted_the_command_is_printed_and_the_set_up_goes_on(tmp_path: Path) -> None:
    environment = a_machine(tmp_path, "test") | {"AIM_NO_APT": "1"}
    done = subprocess.run([tmp_path / "bin" / "setup", "test"], env=environment, check=True, capture_output=True, text=True)
    assert "sudo apt-get install -y --no-install-recommends gettext faketime" in done.stderr
    assert not (tmp_path / "asked").exists()


def test_without_the_libraries_of_the_pdf_the_set_up_installs_them_or_goes_on_with_the_command(tmp_path: Path) -> None:
    environment = a_machine(tmp_path, "run")
    (tmp_path / ".venv" / "bin" / "python").write_text('#!/bin/sh\n[ "$1" != - ]\n')  # the check for them comes on stdin
    packages = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
    refused = environment | {"AIM_NO_APT": "1"}
    done = subprocess.run([tmp_path / "bin" / "setup", "run"], env=refused, check=True, capture_output=True, text=True)
    assert f"sudo apt-get install -y --no-install-recommends {packages}\n" in done.stderr
    assert "The portal runs; what needs them waits" in done.stderr
    subprocess.run([tmp_path / "bin" / "setup", "run"], env=environment, check=True, capture_output=True)
    assert (tmp_path / "asked").read_text() == f"install -qq -y --no-install-recommends {packages}\n"


def test_the_last_line_of_the_tests_says_why_browser_tests_were_skipped(tmp_path: Path) -> None:
    """In a run of its own that finds no Chromium."""
    (tmp_path / "path").mkdir()
    environment = without_pytest() | {"PATH": str(tmp_path / "path"), "AIM_CHROMIUM": ""}
    chosen = ["tests/web/test_in_browser.py", "-k", "skip_link"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--kinds", "-p", "no:cacheprovider", *chosen],
        cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    assert lines[-1] == "1 browser tests were skipped: no Chromium: set AIM_CHROMIUM to its path"
    assert ["browser", "1", "skipped"] in [line.split() for line in lines]


def test_the_check_of_a_change_is_make_test() -> None:
    assert (PROJECT / ".ci" / "run").read_text().rstrip().endswith("exec make test")
    assert os.access(PROJECT / ".ci" / "run", os.X_OK)


def test_help_names_every_target() -> None:
    said = subprocess.run(["make", "-C", PROJECT, "help"], capture_output=True, text=True, check=True).stdout
    for target in ("run", "test", "test-all", "journey", "bench", "requirements", "lint"):
        assert f"make {target} " in said
