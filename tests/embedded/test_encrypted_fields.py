"""Every encrypted field of every model: dumped, rotated, restored into an empty server, and read there.

The fields are found, not listed: a model with a new encrypted field fails here until `a_row_of` can make one of its rows.
"""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.db import connections
from django.db.models import Model
from django.utils import timezone

from aimprogress.api.models import IdempotencyKey
from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import record
from aimprogress.core.fields import EncryptedJSONField, keyring
from aimprogress.embedded.dump import restore, with_database
from aimprogress.embedded.postgres import APP, OWNER, Postgres
from aimprogress.exchange.models import ImportBatch, ImportRow
from aimprogress.instruments.models import Answer, Assessment
from aimprogress.management.commands.rotate_field_keys import encrypted_fields
from aimprogress.web.models import FormDraft
from humanitarian.models import SupportMeasure, WageSupportReport
from members.models import CallContact, CommunicationPlan, Device, EvacuationPlan, HeadCount, Site, StrictMonth
from tests.embedded.test_backup import run, use_keys, what_it_says
from tests.factories import a_site, a_user, an_organisation
from tests.plugin import Servers

pytestmark = pytest.mark.django_db(transaction=True)

Rows = dict[str, dict[str, Any]]


def a_row_of(site: Site) -> dict[type[Model], Callable[..., Model]]:
    """For each model with encrypted fields how one of its rows is made, its other columns as plain as they may be."""
    own: dict[str, Any] = {"organisation": site.organisation}
    user = a_user(site.organisation, "MEMBER_COORDINATOR")
    batch = ImportBatch(**own, target="sites", file_name="list.csv", file_kind="csv", sha256="0" * 64)
    assessment = Assessment(
        **own, site=site, instrument="evacuation_plan", version=1, subject_type="members.EvacuationPlan", subject_id=site.pk,
        started_at=timezone.now(),
    )  # fmt: skip
    for parent in (batch, assessment):
        parent.save()
    place: dict[str, Any] = {**own, "country": "UA", "admin1": site.admin1}
    return {
        Site: lambda **sealed: Site(**place, code="C-1", name="Seen in the dump", number_in_area=2, **sealed),
        HeadCount: lambda **sealed: HeadCount(**own, site=site, expected=7, observed_at=timezone.now(), **sealed),
        StrictMonth: lambda **sealed: StrictMonth(**own, country="UA", month=date(2026, 1, 1), sites=3, **sealed),
        EvacuationPlan: lambda **sealed: EvacuationPlan(**own, site=site, title="Way out", revision=1, **sealed),
        CommunicationPlan: lambda **sealed: CommunicationPlan(**own, site=site, title="Call tree", revision=1, **sealed),
        Device: lambda **sealed: Device(**own, site=site, alias="ALDER-1", link_ends_at=timezone.now(), **sealed),
        CallContact: lambda **sealed: CallContact(**own, role="Duty manager", **sealed),
        WageSupportReport: lambda **sealed: WageSupportReport(
            **own,
            site=site,
            month=date(2026, 10, 1),
            group="OWN",
            policy="FULL",
            entitled=7,
            paid_full=7,
            observed_at=timezone.now(),
            **sealed,
        ),
        SupportMeasure: lambda **sealed: SupportMeasure(
            **own, type="HOTLINE", country="UA", starts_on=date(2026, 10, 1), **sealed
        ),
        Answer: lambda **sealed: Answer(**own, assessment=assessment, item="A1", value="yes", **sealed),
        ImportBatch: lambda **sealed: ImportBatch(
            **own, target="sites", file_name="a.csv", file_kind="csv", sha256="1" * 64, **sealed
        ),
        ImportRow: lambda **sealed: ImportRow(**own, batch=batch, number=1, sheet="1", row=1, outcome="new", **sealed),
        FormDraft: lambda **sealed: FormDraft(**own, user=user, url="/sites/", **sealed),
        IdempotencyKey: lambda **sealed: IdempotencyKey(**own, requester="r", key="k", request_hash="0" * 64, **sealed),
    }


@pytest.fixture
def written(servers: Servers, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rows:
    """A row of each model with a canary in each encrypted field, a second factor and some history; what was written."""
    for variable, url in servers.postgres.urls.items():
        monkeypatch.setenv(variable, with_database(url, connections["owner"].settings_dict["NAME"]))
    settings.DATA_DIR = tmp_path
    settings.FILES_DIR = tmp_path / "files"
    site = a_site(an_organisation())
    rows: Rows = {}
    with acting_as(SYSTEM):
        made_by = a_row_of(site)
        by_model: dict[type[Model], list[Any]] = {}
        for field in encrypted_fields():
            by_model.setdefault(field.model, []).append(field)
        assert set(by_model) == set(made_by), "a_row_of must know each model that has an encrypted field, and no other"
        for model, fields in by_model.items():
            row = made_by[model](**{field.attname: canary(field) for field in fields})
            model._default_manager.bulk_create([row])  # past `clean`: a canary is no point and no count
            rows |= {str(field): {str(row.pk): getattr(row, field.attname)} for field in fields}
        list_of_rows = ImportBatch.objects.exclude(pk__in=rows[str(ImportBatch._meta.get_field("columns"))]).get()
        rows[str(ImportBatch._meta.get_field("columns"))][str(list_of_rows.pk)] = list_of_rows.columns
        for subject in (site, a_site(an_organisation())):
            record("members.read_strict", subject=subject)
        record("members.sign_in")
    rows["second factors"] = a_second_factor(site)
    return rows


def canary(field: Any) -> Any:
    word = f"canary-{secrets.token_hex(8)}-канарка"
    return {"place": word, "lat": 49.8397, "rows": [1, None]} if isinstance(field, EncryptedJSONField) else word


def a_second_factor(site: Site) -> dict[str, str]:
    secret = f"canary-{secrets.token_hex(8)}"
    token = keyring().encrypt(secret.encode()).decode()
    factor = Authenticator.objects.create(user=a_user(site.organisation, "MEMBER_VIEWER"), type="totp", data={"secret": token})
    return {str(factor.pk): secret}


def newest_backup(folder: Path) -> Path:
    return max((folder / "backups").glob("*Z"))


@pytest.fixture
def second_server(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path / "second" / "pg", tmp_path / "second" / "s", durable=False)
    server.start()
    yield server
    server.stop()


def restored(server: Postgres, backup: Path) -> None:
    restore(server.url(OWNER), backup / "portal.dump", major=json.loads((backup / "manifest.json").read_text())["server"])


def read_on(server: Postgres, *keys: str) -> dict[str, Any]:
    """What a portal with these keys reads on that server, as the application role."""
    others = {"MIGRATION_DATABASE_URL": server.url(OWNER), "BACKUP_DATABASE_URL": "", "FIELD_KEYS": ",".join(keys)}
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "aimprogress.settings", "DATABASE_URL": server.url(APP), **others}
    done = subprocess.run(
        [sys.executable, "-m", "tests.embedded.reading"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-1500:]
    return json.loads(done.stdout)


def test_every_encrypted_field_is_read_after_dump_rotation_and_restore_into_an_empty_server(
    written: Rows, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second_server: Postgres
) -> None:
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    run("backup")
    dumps = [what_it_says(newest_backup(tmp_path))]

    use_keys(settings, monkeypatch, new, old)
    values = sum(len(rows) for rows in written.values())
    assert f"{values} values are closed with the first of 2 keys" in run("rotate_field_keys")
    with acting_as(SYSTEM):
        for field in encrypted_fields():
            for token in field.model._default_manager.values_list(field.attname, flat=True):
                with pytest.raises(InvalidToken):
                    Fernet(old).decrypt(token or b"")

    use_keys(settings, monkeypatch, new)
    run("backup")
    dumps.append(what_it_says(newest_backup(tmp_path)))
    restored(second_server, newest_backup(tmp_path))
    there = read_on(second_server, new)
    assert there["values"] == written
    assert there["events"] >= 4 and there["broken"] == []
    for sql in dumps:
        assert "Seen in the dump" in sql
        assert "canary" not in sql and "канарка" not in sql and "49.8397" not in sql


def test_a_dump_older_than_the_rotation_is_read_with_the_old_key_and_then_rotated(
    written: Rows, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second_server: Postgres
) -> None:
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    run("backup")
    use_keys(settings, monkeypatch, new, old)
    run("rotate_field_keys")
    restored(second_server, newest_backup(tmp_path))
    there = read_on(second_server, new, old)
    assert there["values"] == written and there["broken"] == []

    environment = {**os.environ, **second_server.urls}
    rotation = [sys.executable, settings.BASE_DIR / "manage.py", "rotate_field_keys"]
    subprocess.run(rotation, env=environment, check=True, capture_output=True)
    there = read_on(second_server, new)
    assert there["values"] == written and there["broken"] == []
