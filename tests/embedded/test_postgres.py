"""A server that does not start says why in one true line, at once, and what to do next."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from embedded.disk import Disk, keep_reserve
from embedded.postgres import EmbeddedPostgres, PostgresFailed, _first_complaint, new_password
from shared.database import Database
from tests.conftest import FAST_NOT_DURABLE

AT_ONCE = 15.0  # seconds, on a busy machine; it was a minute


@pytest.fixture
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A cluster whose server does not run; whatever a test started on it is stopped."""
    with tempfile.TemporaryDirectory(prefix="rapport-stopped-") as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedPostgres(Path(folder) / "pg", new_password(), settings=FAST_NOT_DURABLE)
        server.start()
        server.stop()
        yield server
        server.stop()


def why_not(server: EmbeddedPostgres) -> str:
    began = time.monotonic()
    with pytest.raises(PostgresFailed) as failed:
        server.start()
    assert time.monotonic() - began < AT_ONCE
    assert "\n" not in str(failed.value)
    assert not server.running()
    return str(failed.value)


def test_another_installations_key_is_named(stopped: EmbeddedPostgres) -> None:
    other = EmbeddedPostgres(stopped.data, new_password(), settings=FAST_NOT_DURABLE)

    said = why_not(other)

    assert "the key does not fit the data" in said
    assert "master.key" in said


def test_data_of_another_version_of_postgresql_is_named(stopped: EmbeddedPostgres) -> None:
    (stopped.data / "PG_VERSION").write_text("12\n")

    said = why_not(stopped)

    assert "initialized by PostgreSQL version 12" in said
    assert "dump its databases there" in said


def test_a_damaged_folder_says_what_postgresql_says(stopped: EmbeddedPostgres) -> None:
    (stopped.data / "global/pg_control").unlink()

    assert "pg_control" in why_not(stopped)


def test_the_first_complaint_is_the_reason_and_being_asked_too_early_is_none() -> None:
    log = [
        "2026-12-01 [1] LOG:  starting PostgreSQL",
        "2026-12-01 [2] FATAL:  the database system is starting up",
        "2026-12-01 [3] PANIC:  could not write to file: No space left on device",
        "2026-12-01 [1] LOG:  shutting down",
        "2026-12-01 [4] FATAL:  something else",
    ]

    assert _first_complaint(log) == "could not write to file: No space left on device"
    assert _first_complaint([*log[3:], "2026-12-01 [4] DETAIL:  In detail."]) == "something else: In detail."
    assert _first_complaint(log[:2]) == ""


def test_a_folder_that_others_may_enter_is_closed_and_the_server_starts(stopped: EmbeddedPostgres) -> None:
    stopped.data.chmod(0o777)

    stopped.start()

    assert stopped.data.stat().st_mode & 0o777 == 0o700
    assert stopped.log.stat().st_mode & 0o777 == 0o600


def test_what_a_killed_server_leaves_is_waited_for(
    stopped: EmbeddedPostgres, capfd: pytest.CaptureFixture[str]
) -> None:
    stopped.start()
    assert stopped.pid is not None
    connection = psycopg.connect(stopped.url())
    child = connection.info.backend_pid
    os.kill(child, signal.SIGSTOP)  # it is slow to end
    os.kill(stopped.pid, signal.SIGKILL)
    late = subprocess.Popen(["sh", "-c", f"sleep 1; kill -CONT {child}"])
    again = EmbeddedPostgres(stopped.data, stopped.password, settings=FAST_NOT_DURABLE)

    again.start()

    connection.close()
    assert late.wait() == 0
    assert "Waiting for an earlier PostgreSQL" in capfd.readouterr().out
    again.stop()


def test_the_lock_of_a_dead_server_whose_number_lives_on_keeps_nobody_out(stopped: EmbeddedPostgres) -> None:
    """Where nobody takes the dead off the list of processes, as in many containers, its number stays in use."""
    lines = [str(os.getpid()), str(stopped.data), "0", "5432", str(stopped.socket_dir), "", "0 0", "ready"]
    lock = stopped.data / "postmaster.pid"
    lock.write_text("\n".join(lines) + "\n")
    lock.chmod(0o600)
    (stopped.data / "socket/.s.PGSQL.5432.lock").write_text("\n".join(lines) + "\n")

    stopped.start()

    assert stopped.running()


def test_a_damaged_page_is_noticed(stopped: EmbeddedPostgres) -> None:
    stopped.start()
    with psycopg.connect(stopped.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE note AS SELECT 'words' AS text FROM generate_series(1, 100)")
        row = connection.execute("SELECT pg_relation_filepath('note')").fetchone()
        assert row is not None
        connection.execute("CHECKPOINT")
    stopped.stop()
    with (stopped.data / row[0]).open("r+b") as file:
        file.seek(4000)
        file.write(b"damage")
    stopped.start()
    database = Database(stopped.url(), name="test", size=1).open()
    counted: list[str] = []
    database.on_damage = lambda: counted.append("damage")

    with pytest.raises(psycopg.errors.DataCorrupted), database.transaction() as tx:
        tx.rows("SELECT * FROM note")
    with database.transaction() as tx:
        tx.value("SELECT 1")
    database.close()

    assert database.damaged
    assert counted == ["damage"]


def test_a_reserve_is_kept_where_there_is_room_and_made_as_large_as_it_should_be(tmp_path: Path) -> None:
    keep_reserve(tmp_path, 100_000)
    assert (tmp_path / "reserve").stat().st_blocks * 512 >= 100_000  # really taken

    keep_reserve(tmp_path, 200_000)
    assert (tmp_path / "reserve").stat().st_size == 200_000

    keep_reserve(tmp_path, 10**15)  # there is no such room
    assert not (tmp_path / "reserve").exists()


def test_the_disk_tells_how_full_it_is(tmp_path: Path) -> None:
    assert 0 < Disk(tmp_path).free() < 1
    assert Disk(tmp_path, least_free=0).has_room()
    assert not Disk(tmp_path, least_free=1).has_room()
