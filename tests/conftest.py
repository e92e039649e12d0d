"""Real parts for all tests: one PostgreSQL server a test process, made in under a second."""

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from embedded.postgres import EmbeddedPostgres, new_password
from portal.security import passwords

if TYPE_CHECKING:
    from embedded.house import House
    from tests.clinic import Clinic, SetClock

pytest_plugins = ["tests.broker.fixture", "tests.evidence"]

# A Kafka client of an earlier test may still speak when its stream is gone; the complaint would land in the next one.
logging.raiseExceptions = False

# Short, so that the server's socket path stays below the system's limit.
FAST_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
STRONG = passwords._HASHER


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server of this test process; durability is off, fault tests start their own."""
    yield from running_server("rapport-test-")


@pytest.fixture(scope="session")
def clinic_server() -> Iterator[EmbeddedPostgres]:
    """The whole clinic's own server: other tests empty databases of the same names on theirs."""
    yield from running_server("rapport-house-")


def running_server(prefix: str) -> Iterator[EmbeddedPostgres]:
    """A server in a folder of its own, stopped and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix=prefix) as folder:
        Path(folder).chmod(0o755)  # as root the server runs as another user
        server = EmbeddedPostgres(Path(folder) / "pg", new_password(), settings=FAST_NOT_DURABLE)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """
    Accounts of tests are argon2id with little memory: a strong hash takes longer than most tests, and every
    sign-in and every open clinic needs some. `strong_passwords` gives a test the clinic's own.
    """
    with hashing_by(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)):
        yield


@pytest.fixture
def strong_passwords(quick_passwords: None) -> Iterator[None]:
    """Passwords are hashed as in a clinic; name it before what makes the accounts."""
    with hashing_by(STRONG):
        yield


@contextmanager
def hashing_by(hasher: PasswordHasher) -> Iterator[None]:
    """New passwords are hashed with these parameters; kept ones are checked by their own."""
    before, passwords._HASHER = passwords._HASHER, hasher
    try:
        yield
    finally:
        passwords._HASHER = before


@pytest.fixture(scope="session")
def in_ci() -> bool:
    """With CI=true nothing is skipped: what cannot run fails and says why."""
    return os.environ.get("CI", "").lower() == "true"


@pytest.fixture(scope="session")
def installation(clinic_server: EmbeddedPostgres) -> Iterator[tuple["House", "SetClock", list[str]]]:
    """The whole house on a server of its own, made once a process; tests take `clinic`, which empties it first."""
    from embedded.databases import prepare_databases
    from embedded.house import House
    from shared.database.roles import with_database
    from tests.clinic import ADDRESS, PATIENT, TEST_KEYS, SetClock

    urls = prepare_databases(clinic_server.url(), TEST_KEYS.password)
    clock = SetClock()
    house = House(
        urls,
        TEST_KEYS,
        clock=clock,
        clinic="Riverside Practice",
        zone="Europe/London",
        address=ADDRESS,
        patience=PATIENT,
        second_step_required=False,
    )
    owners = [with_database(clinic_server.url(), f"rapport_{name}") for name in urls]
    yield house, clock, owners
    house.end()


@pytest.fixture
def clinic(installation: tuple["House", "SetClock", list[str]]) -> Iterator["Clinic"]:
    """An open clinic with its staff and no clients; Monday morning, 23 November 2026."""
    with opened(installation) as clinic:
        yield clinic


@contextmanager
def opened(installation: tuple["House", "SetClock", list[str]]) -> Iterator["Clinic"]:
    """A clinic as on its first day, for one test or for all of a module."""
    from tests.clinic import MONDAY, Clinic
    from tests.databases import empty

    house, clock, owners = installation
    house.settle()  # what an earlier test left on the log is heard now, not in the middle of this one
    for owner in owners:
        empty(owner)
    clock.now = MONDAY
    yield Clinic(house, clock).open()
    for floor in house.floors.values():
        floor.worker.close()  # the lead of its relay is free for tests with a worker of their own
