"""Each earlier release's databases are brought up to date, and everything in them is still there."""

import gzip
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from embedded.databases import MIGRATIONS, prepare_databases
from embedded.house import House
from embedded.postgres import EmbeddedPostgres, binaries, new_password
from shared.database.roles import create_database, database_name, with_database
from tests.cast import ANA, DANA, LEAD
from tests.clinic import ADDRESS, TEST_KEYS, Clinic, SetClock
from tests.conftest import FAST_NOT_DURABLE
from tests.older.make import DATABASES, HERE
from tests.trail import chained

RELEASES = sorted(path.name for path in HERE.iterdir() if path.is_dir() and path.name[0].isdigit())


@pytest.fixture
def own_server() -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(prefix="rapport-upgrade-") as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedPostgres(Path(folder) / "pg", new_password(), settings=FAST_NOT_DURABLE)
        server.start()
        yield server
        server.stop()


def restore(server: EmbeddedPostgres, release: str) -> None:
    for name in DATABASES:
        others = ("app", "relay") if name in MIGRATIONS else ()
        roles = [f"migrate_{name}", *(f"{role}_{name}" for role in others)]
        create_database(server.url(), database_name(name), {role: TEST_KEYS.password(role) for role in roles})
        owner = with_database(server.url(), database_name(name), user=roles[0], password=TEST_KEYS.password(roles[0]))
        dump = gzip.decompress((HERE / release / f"{name}.sql.gz").read_bytes())
        command = [str(binaries() / "psql"), "-q", "-v", "ON_ERROR_STOP=1", owner]
        done = subprocess.run(command, input=dump, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()


def own_length(server: EmbeddedPostgres, name: str) -> int:
    """How long the chain of a restored database is."""
    with psycopg.connect(server.url(database_name(name))) as connection:
        row = connection.execute("SELECT no FROM audit_head").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("release", RELEASES)
def test_an_older_clinic_is_brought_up_to_date_and_goes_on(own_server: EmbeddedPostgres, release: str) -> None:
    restore(own_server, release)
    lengths = {name: own_length(own_server, name) for name in MIGRATIONS}

    urls = prepare_databases(own_server.url(), TEST_KEYS.password)
    clock = SetClock(datetime(2026, 12, 16, 9, 0, tzinfo=UTC))
    house = House(urls, TEST_KEYS, clock=clock, clinic="Riverside", zone="Europe/London", address=ADDRESS)
    try:
        clinic = Clinic(house, clock)
        clients = clinic.api("intake", DANA, "GET", "/v1/clients")["items"]
        names = clinic.api("intake", DANA, "POST", "/v1/people/look-up", {"ids": [c["client_id"] for c in clients]})
        mara = next(c["client_id"] for c in clients if c["practitioner_id"] == str(ANA.id))
        course = clinic.api("feedback", LEAD, "GET", f"/v1/clients/{mara}/course")

        assert "Noor O'Neil-Łukasz 李" in {item["display_name"] for item in names["items"]}
        assert (len(course["points"]), course["reading"]["state"]) == (4, "rupture")
        assert course["rules_version"] == "reader-1"  # read as before, until somebody decides otherwise
        clinic.hold(clinic.book(mara, ANA, at="2026-12-22T15:00"))
        assert clinic.offer(mara)["client_id"] == mara
        for floor in house.floors.values():
            length = lengths[floor.service.name]
            assert chained(floor.database) > length > 0  # the chain of the older release goes on
    finally:
        house.end()


def test_there_is_at_least_one_older_release_to_come_from() -> None:
    assert RELEASES
