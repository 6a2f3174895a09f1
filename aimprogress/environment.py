"""The environment is read here and nowhere else. `.env.example` lists the same names (a house test compares them)."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of the environment: its name, what it is for, its default and how its text is understood."""

    name: str
    why: str
    default: str = ""
    parse: Callable[[str], Any] = str


def _flag(text: str) -> bool:
    return text.strip().lower() in {"1", "true", "yes", "on"}


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


VARIABLES = {
    variable.name: variable
    for variable in (
        Variable("SECRET_KEY", "signs sessions and links; long and random"),
        Variable("FIELD_KEYS", "Fernet keys of the encrypted columns, newest first, comma-separated", "", _list),
        Variable("AUDIT_KEY", "keys the fingerprints in the audit trail; empty: derived from SECRET_KEY"),
        Variable("DATABASE_URL", "PostgreSQL as portal_app: web and workers"),
        Variable("MIGRATION_DATABASE_URL", "PostgreSQL as portal_owner: only for migrate and tests"),
        Variable("BACKUP_DATABASE_URL", "PostgreSQL as portal_backup: only for backup and restore_check"),
        Variable("REDIS_URL", "the broker, Redis protocol", "redis://localhost:6379/0"),
        Variable("ALLOWED_HOSTS", "host names the portal answers to", "localhost,127.0.0.1,[::1]", _list),
        Variable("PORT", "port of the web server", "8000", int),
        Variable("PLAIN_HTTP", "1 on loopback without TLS: cookies drop Secure and the __Host- prefix", "0", _flag),
        Variable("DEMO", "1 with demo data only: allows single-use sign-in links on loopback", "0", _flag),
        Variable("DATA_DIR", "where files, backups and the embedded servers live; empty: var/ beside manage.py"),
        Variable("TRUSTED_PROXIES", "addresses whose X-Forwarded-* is believed", "", _list),
        Variable(
            "EMAIL_URL", "mail server, smtp://user:password@host:port; empty: mail is only written to DATA_DIR/log/mail.log"
        ),
        Variable("MAIL_FROM", "sender of mail", "portal@localhost"),
        Variable("SMS_URL", "gateway of short messages, https://user:secret@host/path; empty: none is sent and nobody is asked"),
        Variable("LOG_LEVEL", "least level that is logged", "INFO"),
    )
}


def read(name: str) -> Any:
    """The value of a declared variable. Raises KeyError for one that is not declared."""
    variable = VARIABLES[name]
    return variable.parse(os.environ.get(name, variable.default))


def database(url: str) -> dict[str, Any]:
    """Django's settings for a `postgres://user:password@host:port/name?host=/socket` address; empty: none is set."""
    if not url:
        return {"ENGINE": "django.db.backends.postgresql", "NAME": "portal", "HOST": "/nonexistent"}
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("A database address starts with postgres://")
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "portal",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or query.pop("port", "") or ""),
        "OPTIONS": query,
    }
