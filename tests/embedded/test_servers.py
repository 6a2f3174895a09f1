"""PostgreSQL and Valkey from their wheels: private, durable, gone with whoever started them."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from aimprogress.embedded.paths import socket_directory
from aimprogress.embedded.postgres import Postgres
from aimprogress.embedded.valkey import Valkey
from tests.portal import PROJECT, gone, without_pytest


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    folder = tmp_path_factory.mktemp("cluster")
    postgres = Postgres(folder / "pg", folder / "s")
    postgres.start()
    yield postgres
    postgres.stop()
    shutil.rmtree(folder)


def ask(url: str, statement: str) -> list[tuple]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_each_address_leads_to_its_own_role(cluster: Postgres) -> None:
    roles = "SELECT current_user, rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    assert ask(cluster.urls["DATABASE_URL"], roles) == [("portal_app", False, False, False)]
    assert ask(cluster.urls["MIGRATION_DATABASE_URL"], roles) == [("portal_owner", False, False, True)]
    assert ask(cluster.urls["BACKUP_DATABASE_URL"], roles) == [("portal_backup", False, True, False)]


def test_the_application_owns_nothing_and_makes_nothing(cluster: Postgres) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(cluster.urls["DATABASE_URL"], "CREATE TABLE mine (id int)")
    assert ask(cluster.urls["DATABASE_URL"], "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'portal'") == [
        ("portal_owner",)
    ]


def test_the_backup_role_reads_everything_and_writes_nothing(cluster: Postgres) -> None:
    ask(cluster.urls["MIGRATION_DATABASE_URL"], "CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS number")
    assert ask(cluster.urls["BACKUP_DATABASE_URL"], "SELECT number FROM kept") == [(7,)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(cluster.urls["BACKUP_DATABASE_URL"], "DELETE FROM kept")


def test_a_wrong_password_opens_nothing(cluster: Postgres) -> None:
    right = cluster.urls["DATABASE_URL"]
    for role in ("portal_owner", "postgres"):
        with pytest.raises(psycopg2.OperationalError):
            psycopg2.connect(right.replace("portal_app", role))


def test_it_listens_on_no_network_port(cluster: Postgres) -> None:
    assert ask(cluster.urls["DATABASE_URL"], "SHOW listen_addresses") == [("",)]


def test_only_its_user_can_reach_the_socket_the_data_and_the_passwords(cluster: Postgres) -> None:
    passwords = cluster.data_dir.with_name(cluster.data_dir.name + ".passwords.json")
    for path, mode in ((cluster.socket_dir, 0o700), (cluster.data_dir, 0o700), (passwords, 0o600)):
        assert stat.S_IMODE(path.stat().st_mode) == mode, path


def test_cyrillic_is_folded_searched_and_split_into_trigrams(cluster: Postgres) -> None:
    found = ask(
        cluster.urls["DATABASE_URL"],
        "SELECT lower('КИЇВ'), 'КИЇВ' ILIKE '%київ%', similarity('Харків', 'Харьков') > 0.2, unaccent('é'), "
        "to_tsvector('simple', 'Харків') @@ to_tsquery('simple', 'харків')",
    )
    assert found == [("київ", True, True, "e", True)]


def test_a_new_database_of_the_owner_has_the_extensions(cluster: Postgres) -> None:
    connection = psycopg2.connect(cluster.urls["MIGRATION_DATABASE_URL"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE scratch")
    connection.close()
    extensions = ask(cluster.url("portal_owner", "scratch"), "SELECT extname FROM pg_extension ORDER BY extname")
    assert [name for (name,) in extensions] == ["pg_trgm", "plpgsql", "unaccent"]


def test_a_killed_server_comes_back_with_every_committed_row(tmp_path: Path) -> None:
    postgres = Postgres(tmp_path / "pg", tmp_path / "s")
    postgres.start()
    owner = postgres.urls["MIGRATION_DATABASE_URL"]
    ask(owner, "CREATE TABLE kept AS SELECT generate_series(1, 1001) AS number")
    os.kill(postgres.process.pid, signal.SIGKILL)
    postgres.process.wait(10)
    postgres.start()
    assert ask(owner, "SELECT count(*) FROM kept") == [(1001,)]
    again = Postgres(tmp_path / "pg", tmp_path / "s")
    assert again.urls == postgres.urls, "the passwords are kept"
    postgres.stop()


def test_servers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=PROJECT, env=without_pytest()
    )
    with parent.stdout:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(pids) == 2
    parent.kill()
    parent.wait(10)
    assert all(gone(pid) for pid in pids)


_PARENT = """
import sys, pathlib, time
from aimprogress.embedded.postgres import Postgres
from aimprogress.embedded.valkey import Valkey
folder = pathlib.Path(sys.argv[1])
postgres, valkey = Postgres(folder / "pg", folder / "s"), Valkey(folder / "valkey", folder / "s")
postgres.start(), valkey.start()
print(postgres.process.pid, valkey.process.pid, flush=True)
time.sleep(60)
"""


def test_an_interrupted_set_up_starts_over(tmp_path: Path) -> None:
    half = tmp_path / "pg.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    postgres = Postgres(tmp_path / "pg", tmp_path / "s", durable=False)
    postgres.start()
    try:
        assert ask(postgres.urls["DATABASE_URL"], "SELECT 1") == [(1,)]
        assert not half.exists()
    finally:
        postgres.stop()


def test_a_socket_path_too_long_for_linux_is_replaced_by_a_private_short_one(tmp_path: Path) -> None:
    asked = tmp_path / ("x" * 100)
    found = socket_directory(asked)
    try:
        assert len(os.fsencode(found / ".s.PGSQL.5432")) < 100
        assert stat.S_IMODE(found.stat().st_mode) == 0o700
        assert socket_directory(asked) == found, "a second run finds the same"
        assert socket_directory(tmp_path / ("y" * 100)) != found
    finally:
        for name in ("x", "y"):
            socket_directory(tmp_path / (name * 100)).rmdir()


def test_no_link(tmp_path: Path) -> None:
    """A socket folder that leads to somebody else's is refused. The name is short: a long path would be replaced instead."""
    (tmp_path / "r").mkdir()
    (tmp_path / "l").symlink_to(tmp_path / "r")
    with pytest.raises(PermissionError):
        socket_directory(tmp_path / "l")


def test_valkey_keeps_the_queue_over_a_kill(tmp_path: Path) -> None:
    import redis

    valkey = Valkey(tmp_path / "valkey", tmp_path / "s")
    valkey.start()
    client = redis.Redis(unix_socket_path=str(valkey.socket))
    client.lpush("queue", *range(100))
    time.sleep(1.2)  # it is written to disk every second
    valkey.process.kill()
    valkey.process.wait(10)
    valkey.start()
    assert client.llen("queue") == 100
    client.close()
    valkey.stop()
