"""Without a mail server mail stands in a private file, and no terminal shows it."""

import stat
from pathlib import Path
from typing import Any

import pytest

from aimprogress import log_files
from aimprogress.core.notify import mail


def test_mail_goes_to_the_end_of_a_private_file_and_to_no_terminal(
    settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_BACKEND = "aimprogress.core.mail_file.EmailBackend"
    settings.MAIL_FILE = tmp_path / "log" / "mail.log"
    assert mail("first@member.example", "Please sign in", "Something waits.", key="one")
    assert mail("second@member.example", "Будь ласка, увійдіть", "Щось чекає.")
    written = settings.MAIL_FILE.read_text()
    assert written.index("To: first@member.example") < written.index("To: second@member.example")
    assert "Message-ID: <one@portal>" in written
    assert stat.S_IMODE(settings.MAIL_FILE.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.MAIL_FILE.parent.stat().st_mode) == 0o700
    assert capsys.readouterr() == ("", "")


def test_a_file_of_mail_that_grew_is_set_aside(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_files, "LIMIT_IN_BYTES", 100)
    settings.EMAIL_BACKEND = "aimprogress.core.mail_file.EmailBackend"
    settings.MAIL_FILE = tmp_path / "log" / "mail.log"
    for text in ("First thing.", "Second thing."):
        assert mail("first@member.example", "Please sign in", text)
    aside = settings.MAIL_FILE.with_name("mail.log.1")
    assert "First thing." in aside.read_text() and "First thing." not in settings.MAIL_FILE.read_text()
    assert "Second thing." in settings.MAIL_FILE.read_text()
    assert stat.S_IMODE(settings.MAIL_FILE.stat().st_mode) == 0o600


def test_the_portal_writes_mail_there_unless_a_server_is_set(settings: Any) -> None:
    from importlib import import_module

    assert import_module("aimprogress.settings").EMAIL_BACKEND == "aimprogress.core.mail_file.EmailBackend"
