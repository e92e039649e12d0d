"""A backup is one moment of all databases, taken while the clinic works, and says nothing to whoever finds it."""

import shutil
import threading
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from shared.backup.plan import BackupRefused
from shared.backup.restoring import examine
from shared.backup.snapshot import Connection, databases_of, one_moment, states
from shared.backup.standing import backups_in, read_standing
from shared.backup.taking import take
from shared.clock import utc_now
from shared.database.roles import with_database
from tests.backup.conftest import BackedUp
from tests.clinic import TEST_KEYS
from tests.leaks import canaries
from tests.leaks.searching import leaks

DATABASES = ["rapport_feedback", "rapport_intake", "rapport_log", "rapport_portal", "rapport_scheduling"]


def test_it_holds_every_database_and_was_read_back(backed_up: BackedUp) -> None:
    manifest = examine(backed_up.taken.file, backed_up.recovery_key, TEST_KEYS.secret("backup"))

    assert sorted(manifest.databases) == DATABASES == databases_of(backed_up.plan.server)
    assert manifest == backed_up.taken.manifest
    assert manifest.databases["rapport_intake"].tables["public.client"].rows == 1
    assert manifest.databases["rapport_log"].tables["public.log"].rows > 5


def test_no_name_stands_in_any_file_of_it(backed_up: BackedUp) -> None:
    files = [path for path in backed_up.plan.folder.rglob("*") if path.is_file()]

    assert backed_up.taken.file in files
    assert [hit for path in files for hit in leaks(canaries.ALL, path.name, path.read_bytes())] == []


def test_no_key_that_opens_names_is_in_it(backed_up: BackedUp, tmp_path: Path) -> None:
    from shared.backup import archive

    everything = bytearray()
    with backed_up.taken.file.open("rb") as file:
        archive.read(file, backed_up.recovery_key, lambda _, piece: everything.extend(piece))

    assert TEST_KEYS.master not in everything
    assert TEST_KEYS.master.hex().encode() not in everything
    assert {path.name for path in backed_up.keys.iterdir()} >= {"master.key", "newest-backup.key"}


def test_this_machine_opens_the_newest_alone_and_the_recovery_key_all(backed_up: BackedUp, tmp_path: Path) -> None:
    older = backed_up.taken.file
    key_of_older = backed_up.newest_key
    try:
        newer = take(backed_up.plan, utc_now().replace(year=2020)).file

        assert examine(newer, backed_up.newest_key, backed_up.plan.seed)
        assert examine(newer, backed_up.recovery_key, backed_up.plan.seed)
        assert examine(older, backed_up.recovery_key, backed_up.plan.seed)
        with pytest.raises(BackupRefused, match="does not open"):
            examine(older, backed_up.newest_key, backed_up.plan.seed)
    finally:
        key = backed_up.keys / "newest-backup.key"
        key.unlink()
        key.write_text(key_of_older[0])


def test_a_backup_that_somebody_else_made_with_the_public_key_is_refused(backed_up: BackedUp) -> None:
    with pytest.raises(BackupRefused, match="not made by the clinic of these keys"):
        examine(backed_up.taken.file, backed_up.recovery_key, bytes(32))


def test_the_role_that_takes_backups_reads_all_and_changes_nothing(backed_up: BackedUp) -> None:
    for name in DATABASES:
        with psycopg.connect(with_database(backed_up.plan.server, name), autocommit=True) as connection:
            tables = [
                row[0]
                for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            ]
            for table in tables:
                assert connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
                for statement in ("DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}", "ALTER TABLE {} ADD x int"):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        connection.execute(sql.SQL(statement).format(sql.Identifier(table)))
            for statement in ("CREATE TABLE x (y int)", "CREATE ROLE x", "CREATE DATABASE x", "SET ROLE rapport_admin"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)


def test_snapshots_are_of_one_moment_while_transactions_come_and_go(backed_up: BackedUp) -> None:
    """Each writer changes two databases one after the other: no snapshot may see the second without the first."""
    admin, stop = backed_up.server.url(), threading.Event()
    first, second = (with_database(admin, name) for name in ("rapport_intake", "rapport_log"))
    for url in (first, second):
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE pace (n int)")
            connection.execute("GRANT SELECT ON pace TO rapport_backup")

    def write() -> None:
        with psycopg.connect(first, autocommit=True) as one, psycopg.connect(second, autocommit=True) as two:
            number = 0
            while not stop.is_set():
                number += 1
                one.execute("INSERT INTO pace VALUES (%s)", (number,))
                two.execute("INSERT INTO pace VALUES (%s)", (number,))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen: list[tuple[int, int]] = []
        while len(seen) < 12:
            with one_moment(backed_up.plan.server) as moment:
                ahead, behind = (_highest(moment.connections[name]) for name in ("rapport_intake", "rapport_log"))
                seen.append((ahead, behind))
    finally:
        stop.set()
        writer.join()
        for url in (first, second):
            with psycopg.connect(url) as connection:
                connection.execute("DROP TABLE pace")

    assert seen[-1][1] > seen[0][1]
    assert all(ahead - behind in (0, 1) for ahead, behind in seen), seen


def _highest(connection: Connection) -> int:
    [(number,)] = connection.execute("SELECT coalesce(max(n), 0) FROM pace").fetchall()
    assert isinstance(number, int)
    return number


def test_a_tables_hash_tells_another_value_and_not_another_order(backed_up: BackedUp) -> None:
    url = with_database(backed_up.server.url(), "rapport_intake")
    with psycopg.connect(url) as connection:

        def state(rows: str) -> object:
            connection.execute("CREATE TEMP TABLE x (a int, b text) ON COMMIT DROP")
            connection.execute("DROP TABLE x")
            connection.execute("CREATE TABLE x (a int, b text)")
            connection.execute(f"INSERT INTO x VALUES {rows}".encode())
            found = states(connection)["public.x"]
            connection.execute("DROP TABLE x")
            return found

        straight, turned = state("(1, 'a'), (2, NULL), (2, NULL)"), state("(2, NULL), (1, 'a'), (2, NULL)")
        assert straight == turned
        assert straight != state("(1, 'a'), (2, NULL)")
        assert straight != state("(1, 'a'), (2, ''), (2, NULL)")
        connection.rollback()


def test_what_fails_leaves_no_file_and_is_noted(backed_up: BackedUp, monkeypatch: pytest.MonkeyPatch) -> None:
    before, standing = backups_in(backed_up.plan.folder), read_standing(backed_up.plan.folder)
    monkeypatch.setattr("shared.backup.taking.program", lambda _: Path(shutil.which("false") or "/bin/false"))

    with pytest.raises(BackupRefused, match="pg_dump failed"):
        take(backed_up.plan, utc_now())

    now = read_standing(backed_up.plan.folder)
    assert backups_in(backed_up.plan.folder) == before
    assert list(backed_up.plan.folder.glob("*.partial")) == []
    assert (now.made_at, "pg_dump failed" in now.failure) == (standing.made_at, True)
