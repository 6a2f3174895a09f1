"""A value that another row has already: found by looking, or by the database when two people store it at the same moment.

Both ways end in the same words. The database's own refusal breaks the transaction, so whoever catches it is outside the
savepoint of the service that stored the row (core/services.py), where it is an ordinary error beside its field.
"""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.db.models import UniqueConstraint

UNIQUE_VIOLATION = "23505"


def is_taken(error: IntegrityError) -> bool:
    """Whether the database refused a row because another one has the same, and for no other reason."""
    return getattr(error.__cause__, "pgcode", None) == UNIQUE_VIOLATION


def look(row: models.Model) -> None:
    """Ask every rule of uniqueness of a row before it is stored. Raises ValidationError."""
    for constraint in unique_rules(row):
        try:
            constraint.validate(type(row), row)
        except ValidationError as error:
            raise _beside_its_field(constraint, error) from None


def as_taken(error: IntegrityError, row: models.Model) -> ValidationError | None:
    """What `look` would have said of `row` a moment later; None for every other reason, and for an id that is taken."""
    if not is_taken(error):
        return None
    name = error.__cause__.diag.constraint_name
    for constraint in unique_rules(row):
        if constraint.name == name:
            return _beside_its_field(constraint, _words(constraint, row))
    return None


def unique_rules(row: models.Model) -> list[UniqueConstraint]:
    return [constraint for constraint in row._meta.constraints if isinstance(constraint, UniqueConstraint)]


def _words(constraint: UniqueConstraint, row: models.Model) -> ValidationError:
    """What Django says of a rule that it finds broken."""
    if constraint.fields and constraint.violation_error_message == constraint.default_violation_error_message:
        return row.unique_error_message(type(row), constraint.fields)
    return ValidationError(constraint.get_violation_error_message(), code=constraint.violation_error_code)


def _beside_its_field(constraint: UniqueConstraint, error: ValidationError) -> ValidationError:
    """Beside the one field that a rule has besides whose row it is, which most have; above all fields for the others."""
    fields = [name for name in constraint.fields if name != "organisation"]
    return ValidationError({fields[0]: error.error_list}) if len(fields) == 1 else error
