"""Encrypted columns: exact places, routes, shelters, strict counts, phone numbers.

The key lives outside the database (FIELD_KEYS, first is current, older ones still open). Inside the ciphertext stand
the column and the row's primary key, so a value moved elsewhere is refused. Never searchable; `.values()` gives the
ciphertext, so a fast read cannot leak by accident.
"""

import hashlib
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from .exceptions import TamperedField


@lru_cache(maxsize=4)
def _keyring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def keyring() -> MultiFernet:
    """The keys in force, newest first."""
    return _keyring(tuple(settings.FIELD_KEYS))


def key_ids() -> list[str]:
    """Names of the keys in force, newest first: enough to know which key a backup needs, useless to open it."""
    return [hashlib.sha256(b"key id:" + key.encode()).hexdigest()[:12] for key in settings.FIELD_KEYS]


as_json = json.JSONEncoder(ensure_ascii=False).encode
"""A value as the text that is sealed."""


class Token(str):
    """Ciphertext as it stands in the database."""

    __slots__ = ()


class _Decrypting(DeferredAttribute):
    """Decrypts on first use, so listing rows costs nothing."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Token):
            value = self.field.opened(value, instance.pk)
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value  # having a setter keeps this descriptor in front of the dict


class EncryptedTextField(models.TextField):
    """Text at rest only as a Fernet token bound to its row and column."""

    descriptor_class = _Decrypting

    @property
    def place(self) -> str:
        return f"{self.model._meta.label_lower}.{self.attname}"

    def sealed(self, value: Any, pk: Any) -> Token:
        """The token for `value` in the row `pk`."""
        return self.sealed_json(as_json(value), pk)

    def sealed_json(self, text: str, pk: Any) -> Token:
        """The token for a value that is JSON text already."""
        plain = f'{{"row": "{pk}", "column": "{self.place}", "value": {text}}}'
        return Token(keyring().encrypt(plain.encode()).decode())

    def opened(self, token: str, pk: Any) -> Any:
        """The value inside `token`. Raises TamperedField if it was sealed for another row or column."""
        try:
            plain = json.loads(keyring().decrypt(token.encode()))
        except InvalidToken as error:
            raise TamperedField(f"No key opens {self.place}.") from error
        if (plain["row"], plain["column"]) != (str(pk), self.place):
            raise TamperedField(f"A value of {plain['column']} was found in {self.place}.")
        return plain["value"]

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Token | None:
        return None if value is None else Token(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Token | None:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Token):
            return value
        return self.sealed(value, model_instance.pk)

    def get_prep_value(self, value: Any) -> Any:
        if value is not None and not isinstance(value, Token):
            raise TypeError(f"{self.place} is written through the row it belongs to.")
        return None if value is None else str(value)

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


class EncryptedJSONField(EncryptedTextField):
    """The same for a small JSON value: a point, a route, the strict counts."""

    def to_python(self, value: Any) -> Any:
        return value

    def formfield(self, **kwargs: Any) -> None:
        return None  # a form names its own parts: latitude, longitude, seats
