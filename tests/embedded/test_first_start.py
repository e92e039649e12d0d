"""What a start finds in the databases decides what it does; nothing is ever removed."""

import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from embedded.postgres import EmbeddedPostgres, new_password
from shared.clock import utc_now
from shared.database.roles import with_database
from shared.scope import system_scope
from shared.security.audit import record
from tests.conftest import FAST_NOT_DURABLE
from tests.embedded.program import READY_SECONDS, Program

ASIDE = "SELECT datname FROM pg_database WHERE datname LIKE 'rapport_%_until_%' ORDER BY 1"
HALF_MADE = "COMMENT ON DATABASE rapport_portal IS 'a demo clinic in the making'"


@pytest.fixture
def outside() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that the clinic is told of."""
    with tempfile.TemporaryDirectory(prefix="rapport-outside-") as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedPostgres(Path(folder) / "pg", new_password(), settings=FAST_NOT_DURABLE)
        server.start()
        yield server
        server.stop()


def begin(program: Program, until: Callable[[], bool], **environment: str) -> None:
    """Start, and kill the program at a certain moment of the first start."""
    program.launch(**environment)
    deadline = time.monotonic() + READY_SECONDS
    while not until():
        assert time.monotonic() < deadline, program.said()
        time.sleep(0.01)
    program.end(signal.SIGKILL)


def test_no_file_that_is_lost_or_found_costs_a_clinic(program: Program) -> None:
    program.start()
    program.add_account("ana")
    program.end(signal.SIGKILL)
    (program.data / "first-start-begun").touch()
    for path in program.data.iterdir():
        if path.is_file() and path.name != "first-start-begun":
            path.unlink()

    program.start(DEMO="1")

    assert program.query("rapport_portal", "SELECT count(*) FROM staff") == [(1,)]
    assert program.query("postgres", ASIDE) == []


def test_a_folder_without_a_clinic_gets_one_whatever_files_say(program: Program) -> None:
    program.data.mkdir(mode=0o755)
    (program.data / "first-start-begun").touch()
    (program.data / "first-start-done").touch()

    program.start()

    assert "enter this code" in program.said()


def test_a_clinic_begun_empty_stays_empty_and_tells_its_code_until_somebody_has_an_account(program: Program) -> None:
    program.start()
    program.end(signal.SIGKILL)

    program.start(DEMO="1")

    assert program.said().count("enter this code") == 2
    assert program.query("rapport_intake", "SELECT count(*) FROM client") == [(0,)]


def test_a_clinic_used_by_its_interface_alone_is_left_as_it_is(program: Program) -> None:
    program.start()
    program.query("rapport_portal", "DELETE FROM setup_code")
    with program.transaction("scheduling") as tx:
        record(tx, system_scope("operations"), "appointment.read", about=[], now=utc_now())
    program.end(signal.SIGKILL)

    program.start(DEMO="1")

    assert program.query("rapport_intake", "SELECT count(*) FROM client") == [(0,)]
    assert program.query("postgres", ASIDE) == []


@pytest.mark.parametrize("moment", ["initdb", "databases", "demo"])
def test_a_first_start_that_was_killed_is_begun_anew_and_what_there_was_is_kept(program: Program, moment: str) -> None:
    def clients() -> int:
        try:
            return int(program.query("rapport_intake", "SELECT count(*) FROM client")[0][0])
        except psycopg.Error:
            return -1

    reached = {
        "initdb": lambda: any(program.data.glob("postgres.partial-*/PG_VERSION")),
        "databases": lambda: (program.data / "postgres/PG_VERSION").exists() and clients() >= 0,
        "demo": lambda: (program.data / "postgres/PG_VERSION").exists() and clients() >= 3,
    }
    begin(program, reached[moment], DEMO="1")

    program.start()

    assert "enter this code" in program.said()
    assert program.query("rapport_intake", "SELECT count(*) FROM client") == [(0,)]
    kept = [name for (name,) in program.query("postgres", ASIDE)]
    if moment == "demo":
        assert len(kept) == 5
        assert all(name in program.said() for name in kept)
        (intake,) = (name for name in kept if "intake" in name)
        assert program.query(intake, "SELECT count(*) >= 3 FROM client") == [(True,)]


@pytest.mark.parametrize("somebody", [False, True])
def test_on_an_outside_postgresql_half_a_demo_clinic_is_set_aside_and_a_clinic_never(
    program: Program, outside: EmbeddedPostgres, somebody: bool
) -> None:
    url = outside.url()
    program.server_url = url
    program.start(RAPPORT_DATABASE_URL=url, RAPPORT_ACCEPT="not-durable")
    if somebody:
        program.add_account("ana")
    program.query("rapport_portal", HALF_MADE)
    program.end(signal.SIGKILL)

    program.start(RAPPORT_DATABASE_URL=url, RAPPORT_ACCEPT="not-durable")

    assert len(program.query("postgres", ASIDE)) == (0 if somebody else 5)
    assert ("is kept on the same server" in program.said()) is not somebody


def test_a_broken_off_demo_clinic_that_somebody_still_looks_into_is_left_alone_with_one_line(
    program: Program, outside: EmbeddedPostgres
) -> None:
    url = outside.url()
    program.server_url = url
    program.start(RAPPORT_DATABASE_URL=url, RAPPORT_ACCEPT="not-durable")
    program.query("rapport_portal", HALF_MADE)
    program.end(signal.SIGKILL)

    with psycopg.connect(with_database(url, "rapport_log")):
        said = program.refused(RAPPORT_DATABASE_URL=url, RAPPORT_ACCEPT="not-durable")

    assert "being accessed by other users" in said
    assert "Traceback" not in said
    assert program.query("postgres", ASIDE) == []
