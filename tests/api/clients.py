"""Programs and people that use the API in tests."""

import hashlib
from datetime import timedelta
from itertools import count
from typing import Any

from django.test import Client
from django.utils import timezone

from aimprogress.core.permissions import ROLE_PERMISSIONS, Role
from members.models import ApiKey, Organisation

_number = count(1)


class Program:
    """A client with a token. `send` speaks JSON; `get` and the others return Django's test responses."""

    def __init__(self, token: str) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {token}"})

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=_named(headers))

    def send(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str) -> Any:
        data = {"data": raw} if raw is not None else {"data": body}
        return getattr(self.client, method)(path, content_type="application/json", headers=_named(headers), **data)

    def post(self, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str) -> Any:
        return self.send("post", path, body, raw=raw, **headers)


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def a_token(organisation: Organisation, scopes: list[str] | None = None, **fields: Any) -> str:
    """A key of `organisation` with `scopes`, by default what its coordinator may."""
    prefix, secret = f"p{next(_number)}", "s" * 40
    ApiKey.objects.create(
        organisation=organisation, name="test", prefix=prefix, secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
        scopes=scopes if scopes is not None else sorted(ROLE_PERMISSIONS[Role.MEMBER_COORDINATOR]),
        **{"expires_at": timezone.now() + timedelta(days=1), **fields},
    )  # fmt: skip
    return f"aimp_{prefix}_{secret}"


def a_program(organisation: Organisation, scopes: list[str] | None = None) -> Program:
    return Program(a_token(organisation, scopes))
