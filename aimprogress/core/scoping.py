"""What you see: rows are filtered by Actor when the SQL is compiled. PostgreSQL repeats it (rls.py)."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, models
from django.db.models import BooleanField, Expression, F
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone
from django.utils.translation import gettext as _

from aimprogress.figures.numbers import number
from aimprogress.places.positions import plain_texts, refuse_positions

from .actor import current_actor
from .exceptions import Conflict
from .ids import uuid7
from .taken import as_taken, look


class DataClass(models.TextChoices):
    SAFETY = "SAFETY"
    COMMERCIAL = "COMMERCIAL"


class InScope(Expression):
    """True for rows the current Actor may see. No Actor: NoActor. Sees nothing: no rows."""

    conditional = True
    output_field = BooleanField()

    def __init__(
        self,
        data_class: str,
        column: str = "organisation_id",
        site_column: str | None = None,
        sample: tuple[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.data_class, self.has_site, self.sampled = data_class, site_column is not None, sample[1] if sample else None
        self.columns = [F(name) for name in (column, site_column, sample[0] if sample else None) if name]

    def get_source_expressions(self) -> list[Any]:
        return self.columns

    def set_source_expressions(self, expressions: list[Any]) -> None:
        self.columns = expressions

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        actor = current_actor()
        tests = [_is_one_of(self.columns[0], actor.sees(self.data_class), compiler, connection)]
        if actor.sites is not None and self.has_site:
            tests.append(_is_one_of(self.columns[1], actor.sites, compiler, connection))
        if actor.sees_samples and self.sampled:
            tests.append(_is_in_sample(self.columns[-1], self.sampled, actor.sees(self.data_class), compiler))
        return f"({' AND '.join(sql for sql, _params in tests)})", [param for _sql, params in tests for param in params]


def _is_one_of(column: Any, allowed: frozenset, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
    if not allowed:
        raise EmptyResultSet
    sql, params = compiler.compile(column)
    prepare = column.output_field.get_db_prep_value
    values = [prepare(value, connection) for value in sorted(allowed)]
    return f"{sql} IN ({', '.join(['%s'] * len(values))})", [*params, *values]


def _is_in_sample(column: Any, table: str, allowed: frozenset, compiler: SQLCompiler) -> tuple[str, list[Any]]:
    """One of the rows of `table` that chance chose: by the hash of their ids, so that nobody chooses and it stays the same."""
    sql, params = compiler.compile(column)
    chosen = f"SELECT id FROM {table} WHERE organisation_id = ANY(%s) ORDER BY md5(id::text) LIMIT %s"  # noqa: S608 - a constant
    return f"{sql} IN ({chosen})", [*params, sorted(allowed), number("AUDIT_SAMPLE")]


class ScopedQuerySet(models.QuerySet):
    """Questions that chain; the scope is added by the manager."""


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):
    def get_queryset(self) -> models.QuerySet:
        model = self.model
        return super().get_queryset().filter(InScope(model.data_class, site_column=model.site_column, sample=model.sample))

    def beyond_the_sample(self) -> models.QuerySet:
        """The rows in scope with those that are in no auditor's sample: to count them, never to show one."""
        return super().get_queryset().filter(InScope(self.model.data_class, site_column=self.model.site_column))


class ScopedForeignKey(models.ForeignKey):
    """A foreign key to a row of the same organisation.

    The database key is composite, (organisation_id, x_id), and made by `ScopedKeys`: plain foreign-key checks ignore
    row security, so a plain key could point into another organisation.
    """

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)


class ScopedModel(models.Model):
    """A row that belongs to an organisation and has a data class. `objects` shows what the Actor may see."""

    data_class: ClassVar[str]
    site_column: ClassVar[str | None] = None
    """The column that limits a site reporter to the own sites, where the row belongs to one."""
    sample: ClassVar[tuple[str, str] | None] = None
    """(column, table): an auditor reads only the rows whose column names one of a sample of the table (domain 8.2)."""

    texts_that_leave: ClassVar[tuple[str, ...]] = ()
    """Of a commercial row: the people's own words that a share can carry to another organisation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey("members.Organisation", on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager()
    unscoped = models.Manager()

    class Meta:
        abstract = True

    @classmethod
    def texts_without_positions(cls, names: Iterable[str]) -> list[str]:
        """Those of the columns `names` that give no position away: every plain text of a safety row, of others what leaves."""
        of_safety = cls.data_class == DataClass.SAFETY
        return plain_texts(cls, [name for name in names if of_safety or name in cls.texts_that_leave])

    def clean_fields(self, exclude: Any = None) -> None:
        """Also: no plain text that others read gives a position away (places/positions.py)."""
        super().clean_fields(exclude=exclude)
        names = [field.name for field in self._meta.concrete_fields if field.name not in (exclude or ())]
        refuse_positions(self, self.texts_without_positions(names))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Check, then store. Foreign keys and check constraints are left to the database, which knows them anyway."""
        relations = {field.name for field in self._meta.fields if field.is_relation}
        self.full_clean(exclude=relations | {"id"}, validate_unique=False, validate_constraints=False)
        look(self)
        try:
            super().save(*args, **kwargs)
        except IntegrityError as error:  # somebody took it between our look and the database's
            if (taken := as_taken(error, self)) is None:
                raise
            raise taken from error


class VersionedModel(models.Model):
    """A mutable row whose version makes ETag and If-Match, and whose `updated_at` says "changed 2 minutes ago".

    It is saved over the version that was read and no other: Conflict says that somebody changed it meanwhile. So no save writes
    back what another person changed, or an exact place that retention erased between reading and saving.
    """

    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store it as a new version. Where that is refused it stays the version that it was, and can be saved again."""
        if self._state.adding:
            super().save(*args, **kwargs)
            return
        before = self.version, self.updated_at
        self.version, self.updated_at = self.version + 1, timezone.now()
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "version", "updated_at"}
        try:
            super().save(*args, **kwargs)
        except BaseException:
            self.version, self.updated_at = before
            raise

    def _do_update(
        self, base_qs: models.QuerySet, using: str, pk_val: Any, values: Any, update_fields: Any, forced_update: bool
    ) -> bool:
        """Django's one UPDATE of a row, for the version before this one."""
        as_read = base_qs.filter(version=self.version - 1)
        if not super()._do_update(as_read, using, pk_val, values, update_fields, forced_update):
            raise Conflict(_("Somebody changed this while you did. Look at it again, then change what is still wrong."))
        return True
