"""The sealer of the audit trail: nobody waits for it, nothing committed is lost, and what was signed stays."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from embedded.postgres import EmbeddedPostgres
from shared.database import Database
from shared.database.provision import ServiceUrls, provision
from shared.ids import uuid7
from shared.metrics_pipeline import PipelineMetrics
from shared.scope import Scope
from shared.security.audit import ChainBroken, record
from shared.security.audit.checkpoints import Checkpoints, CheckpointsUnreadable
from shared.security.audit.sealer import Sealer
from tests.databases import empty
from tests.databases import test_password as password_of
from tests.trail import chained, trail

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SCOPE = Scope(uuid7(), frozenset({"therapist"}), "care", "portal")
SEED = b"k" * 32


@pytest.fixture(scope="module")
def urls(postgres: EmbeddedPostgres) -> ServiceUrls:
    return provision(postgres.url(), "sealed", "services.intake.migrations", password_of)


@pytest.fixture
def database(postgres: EmbeddedPostgres, urls: ServiceUrls) -> Iterator[Database]:
    """As the app's role, which may add entries and nothing else; no sealer of an earlier test is left."""
    with psycopg.connect(postgres.url(), autocommit=True) as watch:
        _until(lambda: watch.execute(_GONE).fetchone() == (0,))
    empty(urls.owner)
    pool = Database(urls.app, name="sealed", size=20).open()
    yield pool
    pool.close()


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "kept", "sealed", SEED)


@pytest.fixture
def sealer(urls: ServiceUrls, checkpoints: Checkpoints) -> Iterator[Sealer]:
    made = sealer_of(urls, checkpoints)
    yield made
    made.close()


def sealer_of(urls: ServiceUrls, checkpoints: Checkpoints) -> Sealer:
    return Sealer("sealed", urls.sealer, checkpoints, PipelineMetrics(), lambda: NOW)


def read(database: Database, *numbers: int) -> None:
    """Read clients of these numbers, each in a transaction of its own."""
    for number in numbers:
        with database.transaction() as tx:
            record(tx, SCOPE, "client.read", about=[UUID(int=number)], fields=["name"], now=NOW)


def numbers(database: Database) -> list[int]:
    """Whom the sealed trail is about, in its order."""
    return [row["about"][0].int for row in trail(database)]


def owner(urls: ServiceUrls, *statements: str) -> None:
    with psycopg.connect(urls.owner) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def waiting(urls: ServiceUrls) -> int:
    with psycopg.connect(urls.sealer) as connection:
        row = connection.execute("SELECT count(*) FROM audit_waiting").fetchone()
    assert row is not None
    return int(row[0])


def test_sixteen_that_add_their_entries_at_once_do_not_wait_for_one_another(database: Database, sealer: Sealer) -> None:
    with ExitStack() as all_open:
        for number in range(16):
            tx = all_open.enter_context(database.transaction())
            record(tx, SCOPE, "client.read", about=[UUID(int=number)], now=NOW)
            tx.flush()  # one thread, sixteen open transactions: had one to wait, none would ever end
        assert sealer.seal_once() == 0  # nor does the sealer wait for them

    assert sealer.seal_once() == 16
    assert chained(database) == 16


def test_who_commits_late_is_sealed_afterwards(database: Database, sealer: Sealer) -> None:
    with database.transaction() as late:
        record(late, SCOPE, "client.read", about=[UUID(int=1)], now=NOW)
        late.flush()
        read(database, 2, 3)

        assert sealer.seal_once() == 2
    assert sealer.seal_once() == 1

    assert numbers(database) == [2, 3, 1]
    assert chained(database) == 3


def test_entries_are_sealed_in_the_order_in_which_they_were_added(database: Database, sealer: Sealer) -> None:
    read(database, 5, 3, 9, 1)

    assert sealer.seal_once() == 4

    assert numbers(database) == [5, 3, 9, 1]


def test_what_was_rolled_back_never_appears(database: Database, sealer: Sealer) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        record(tx, SCOPE, "client.read", about=[UUID(int=1)], now=NOW)
        tx.flush()
        _ = 1 / 0
    with database.transaction() as tx:
        with pytest.raises(ZeroDivisionError), tx.savepoint():
            record(tx, SCOPE, "client.read", about=[UUID(int=2)], now=NOW)
            _ = 1 / 0
        record(tx, SCOPE, "client.read", about=[UUID(int=3)], now=NOW)

    sealer.seal_once()

    assert numbers(database) == [3]


def test_one_seals_at_a_time_and_another_takes_over(
    database: Database, urls: ServiceUrls, sealer: Sealer, checkpoints: Checkpoints
) -> None:
    read(database, 1)
    with closing(sealer_of(urls, checkpoints)) as second:
        assert sealer.seal_once() == 1
        read(database, 2)

        assert second.seal_once() == 0
        sealer.close()
        _until(lambda: second.seal_once() == 1)

    assert chained(database, checkpoints.read()) == 2


def test_a_sealer_that_is_killed_between_claim_and_commit_loses_nothing(
    postgres: EmbeddedPostgres, database: Database, urls: ServiceUrls, sealer: Sealer
) -> None:
    read(database, 1, 2, 3)
    owner(
        urls,
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NEW; END'",
        "CREATE TRIGGER dawdle BEFORE UPDATE ON audit_head FOR EACH ROW EXECUTE FUNCTION dawdle()",
    )
    child = subprocess.Popen([sys.executable, "-c", _SEAL, urls.sealer, ""])
    try:
        with psycopg.connect(postgres.url(), autocommit=True) as watch:
            _until(lambda: watch.execute(_AT_WORK).fetchone() == (1,))
            child.send_signal(signal.SIGKILL)
            assert child.wait(10) == -signal.SIGKILL
            watch.execute(_END_IT)
            _until(lambda: watch.execute(_GONE).fetchone() == (0,))
    finally:
        child.kill()
        owner(urls, "DROP TRIGGER dawdle ON audit_head", "DROP FUNCTION dawdle")

    assert waiting(urls) == 3
    assert sealer.seal_once() == 3
    assert numbers(database) == [1, 2, 3]


def test_a_sealer_that_is_killed_between_commit_and_checkpoint_has_it_made_good_by_the_next(
    database: Database, urls: ServiceUrls, checkpoints: Checkpoints
) -> None:
    read(database, 1, 2)
    child = subprocess.Popen([sys.executable, "-c", _SEAL, urls.sealer, str(checkpoints.path.parent)])
    assert child.wait(30) == -signal.SIGKILL
    assert (waiting(urls), checkpoints.read()) == (0, [])

    with closing(sealer_of(urls, checkpoints)) as following:
        _until(lambda: following.seal_once() == 0 and len(checkpoints.read()) == 1)

    assert checkpoints.read()[0].count == 2
    assert chained(database, checkpoints.read()) == 2


def test_a_tail_that_was_cut_off_is_found_by_the_checkpoint(
    database: Database, urls: ServiceUrls, sealer: Sealer, checkpoints: Checkpoints
) -> None:
    read(database, 1, 2, 3)
    sealer.seal_once()
    owner(
        urls,
        "UPDATE audit_head SET no = 2, hash = (SELECT previous FROM audit WHERE no = 3)",
        "DELETE FROM audit WHERE no = 3",
    )

    assert chained(database) == 2  # by itself it is whole
    with pytest.raises(ChainBroken, match="ends at 2, but 3 entries were signed"):
        chained(database, checkpoints.read())


def test_a_chain_that_was_written_anew_is_found_by_the_checkpoint(
    database: Database, urls: ServiceUrls, sealer: Sealer, checkpoints: Checkpoints
) -> None:
    read(database, 1, 2, 3)
    sealer.seal_once()
    sealer.close()
    owner(urls, "TRUNCATE audit", "UPDATE audit_head SET no = 0, hash = '\\x00'")
    read(database, 1, 3, 4, 5)

    assert chained(database) == 4
    with pytest.raises(ChainBroken, match="entry 3 is not the one that was signed"):
        chained(database, checkpoints.read())


def test_what_was_taken_out_while_it_waited_is_not_sealed_and_the_app_s_role_cannot(
    database: Database, urls: ServiceUrls
) -> None:
    read(database, 1)

    for statement in (
        "SELECT * FROM audit_waiting",
        "DELETE FROM audit_waiting",
        "UPDATE audit_waiting SET actor = ''",
    ):
        with psycopg.connect(urls.app) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(statement.encode())
    assert waiting(urls) == 1


def test_half_a_line_that_a_crash_left_is_passed_over(checkpoints: Checkpoints) -> None:
    checkpoints.write(1, b"a" * 32, NOW)
    with checkpoints.path.open("ab") as file:
        file.write(b'{"service": "sea')

    checkpoints.write(2, b"b" * 32, NOW)

    assert [found.count for found in checkpoints.read()] == [1, 2]
    with checkpoints.path.open("ab") as file:
        file.write(b'{"service": "sea')
    newest = checkpoints.newest()
    assert newest is not None
    assert newest.count == 2


@pytest.mark.parametrize(
    "change",
    [{"count": 7}, {"hash": "00"}, {"at": "2026-01-01T00:00:00+00:00"}, {"service": "other"}, {"signature": ""}],
)
def test_an_altered_checkpoint_is_found(checkpoints: Checkpoints, change: dict[str, object]) -> None:
    checkpoints.write(1, b"a" * 32, NOW)
    checkpoints.path.write_text(json.dumps(json.loads(checkpoints.path.read_text()) | change) + "\n")

    with pytest.raises(CheckpointsUnreadable, match="line 1"):
        checkpoints.read()


def test_the_newest_of_many_checkpoints_is_found_at_the_end_of_the_file(checkpoints: Checkpoints) -> None:
    for count in range(1, 60):
        checkpoints.write(count, b"a" * 32, NOW)

    newest = checkpoints.newest()

    assert checkpoints.path.stat().st_size > 8192
    assert newest == checkpoints.read()[-1]


def test_a_checkpoint_of_another_key_is_refused(checkpoints: Checkpoints) -> None:
    Checkpoints(checkpoints.path.parent, "sealed", b"x" * 32).write(1, b"a" * 32, NOW)

    with pytest.raises(CheckpointsUnreadable, match="not signed by this key"):
        checkpoints.read()


def test_without_a_place_for_its_checkpoint_the_sealer_seals_and_says_so(
    database: Database, urls: ServiceUrls, tmp_path: Path
) -> None:
    (tmp_path / "kept").write_text("in the way")
    checkpoints = Checkpoints(tmp_path / "kept", "sealed", SEED)
    read(database, 1)

    with closing(sealer_of(urls, checkpoints)) as one:
        with pytest.raises(OSError, match="kept"):
            one.seal_once()
        assert waiting(urls) == 0
        (tmp_path / "kept").unlink()
        assert one.seal_once() == 0

    assert [found.count for found in checkpoints.read()] == [1]


_SEAL = """
import os, signal, sys
from pathlib import Path
from shared.clock import utc_now
from shared.metrics_pipeline import PipelineMetrics
from shared.security.audit.checkpoints import Checkpoints
from shared.security.audit.sealer import Sealer

class Killed(Checkpoints):
    def write(self, *_):
        os.kill(os.getpid(), signal.SIGKILL)

place = Killed(Path(sys.argv[2]), "sealed", b"k" * 32) if sys.argv[2] else None
Sealer("sealed", sys.argv[1], place, PipelineMetrics(), utc_now).seal_once()
"""
_AT_WORK = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sealed sealer' AND wait_event = 'PgSleep'"
# The server notices the loss of its client only when it speaks to it next; nobody has to wait for that here.
_END_IT = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'sealed sealer'"
_GONE = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sealed sealer'"


def _until(happens: object, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    assert callable(happens)
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.05)
