"""`manage.py backup`: database, files and what is needed to know that a restore is whole. Never the keys."""

import hashlib
import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from aimprogress.core.fields import key_ids
from aimprogress.embedded.dump import DumpFailed, dump
from aimprogress.embedded.installation import embedded_server
from aimprogress.embedded.paths import NotInstalled
from aimprogress.environment import read

NAMED = "%Y-%m-%dT%H%M%S.%fZ"
UNFINISHED = ".unfinished"
A_DAY = timedelta(days=1)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Command(BaseCommand):
    help = "Back up the database and the files into DATA_DIR/backups. The keys of encrypted fields are kept elsewhere by you."
    requires_system_checks = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--to", type=Path, help="folder of the backups, DATA_DIR/backups if not given")
        parser.add_argument(
            "--keep", type=int, metavar="DAYS",
            help="afterwards remove older backups there, which hold what was erased since; all stay if not given",
        )  # fmt: skip

    def handle(self, *args: Any, to: Path | None, keep: int | None, **options: Any) -> None:
        if keep is not None and keep < 1:
            raise CommandError("--keep takes a number of days, 1 or more.")
        url = read("BACKUP_DATABASE_URL")
        if not url:
            raise CommandError("BACKUP_DATABASE_URL is not set: the address of PostgreSQL as portal_backup.")
        os.umask(0o077)
        began = datetime.now(UTC)
        parent = (to or settings.DATA_DIR / "backups").absolute()
        folder = parent / began.strftime(NAMED)
        draft = folder.with_name(folder.name + UNFINISHED)
        draft.mkdir(parents=True)
        try:
            with embedded_server(url):
                known = dump(url, draft / "portal.dump")
        except (DumpFailed, NotInstalled) as problem:
            shutil.rmtree(draft)
            raise CommandError(str(problem)) from problem
        # After the database: a file is stored before its row, so every row of the dump has its file by now.
        files, copied = self._copy_files(parent / "files")
        manifest = {
            "made_at": began.isoformat(timespec="seconds"),
            "dump_sha256": sha256_of(draft / "portal.dump"),
            "field_key_ids": key_ids(),
            "files": files,
            **known,
        }
        (draft / "manifest.json").write_text(json.dumps(manifest, indent=1))
        draft.rename(folder)
        rows = sum(table["rows"] for table in known["tables"].values())
        self.stdout.write(f"{folder}: {len(known['tables'])} tables, {rows} rows, {len(files)} files ({copied} new).")
        self.stdout.write(f"Field keys it needs, not included: {', '.join(key_ids()) or 'none'}. Try it: manage.py restore_check")
        if keep is not None:
            backups, copies = prune(parent, began - timedelta(days=keep))
            self.stdout.write(f"Older than {keep} days, and removed: {backups} backups, and {copies} files that no other names.")

    def _copy_files(self, store: Path) -> tuple[list[str], int]:
        """Copy what is not there yet into the store that all backups share; every copied byte is hashed."""
        names, copied = [], 0
        for source in sorted(Path(settings.FILES_DIR).glob("??/??/*")):
            if len(source.name) != 64:  # half-written by a process that was killed
                continue
            target = store / source.relative_to(settings.FILES_DIR)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                half = target.with_suffix(".half")
                shutil.copyfile(source, half)
                if sha256_of(half) != source.name:
                    half.unlink()
                    raise CommandError(f"{source} does not hold what its name says; the disk or somebody altered it.")
                half.rename(target)
                copied += 1
            names.append(source.name)
        return names, copied


def prune(parent: Path, before: datetime) -> tuple[int, int]:
    """Remove the backups of `parent` that were made before a moment, and stored files that none of the others names.

    Returns how many of each. What was begun and never finished goes with them a day later. Raises CommandError, and removes no
    file, where what a backup names cannot be read.
    """
    made = {folder: moment for folder in parent.iterdir() if folder.is_dir() and (moment := _made_at(folder))}
    old = [folder for folder, moment in made.items() if moment < before]
    begun = [folder for folder in made if folder.name.endswith(UNFINISHED)]
    left = [folder for folder in begun if made[folder] < datetime.now(UTC) - A_DAY]
    for folder in {*old, *left}:
        shutil.rmtree(folder)
    if {*begun} - {*old, *left}:  # one is being made: its manifest does not name its files yet
        return len(old), 0
    try:
        manifests = [json.loads((folder / "manifest.json").read_text()) for folder in made.keys() - {*old, *left}]
    except (OSError, ValueError) as problem:
        raise CommandError(f"A manifest cannot be read, so no stored file was removed: {problem}") from problem
    return len(old), _remove_unnamed(parent / "files", {name for manifest in manifests for name in manifest["files"]})


def _made_at(folder: Path) -> datetime | None:
    """When a backup was begun, by its name; None for what is none."""
    try:
        return datetime.strptime(folder.name.removesuffix(UNFINISHED), NAMED).replace(tzinfo=UTC)
    except ValueError:
        return None


def _remove_unnamed(store: Path, named: set[str]) -> int:
    unnamed = [path for path in store.glob("??/??/*") if path.name not in named]
    for path in unnamed:
        path.unlink()
    return len(unnamed)
