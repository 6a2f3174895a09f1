"""Is the process alive, is the portal ready. Answered before sessions, Actor and transactions (see `exempt`)."""

from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

_migrated = False  # true for good once seen: a running process never loses a migration


@require_safe
@never_cache
def livez(request: HttpRequest) -> JsonResponse:
    """200 while this process answers at all; asks nothing else."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
@transaction.non_atomic_requests
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when PostgreSQL answers and every migration is applied, else 503. Redis is not asked: people sign in without it."""
    checks = {"database": _database_answers(), "migrations": False}
    if checks["database"]:
        checks["migrations"] = _migrations_applied()
    ready = all(checks.values())
    return JsonResponse({"status": "ready" if ready else "not ready", "checks": checks}, status=200 if ready else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        connection.close()
        return False
    return True


def _migrations_applied() -> bool:
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated
