"""The event log comes back from the archives, and moves to another log, with the events' own ids."""

from collections.abc import Iterator

import pytest

from embedded.postgres import EmbeddedPostgres
from shared.database.roles import LOG_DATABASE, with_database
from shared.eventlog.connect import open_log
from shared.eventlog.interface import EventLog
from shared.eventlog.moving import id_of, records, refill
from tests.cast import ANA
from tests.clinic import Clinic

SERVICES = ("intake", "scheduling", "feedback")
TOPICS = [f"rapport.{name}" for name in SERVICES]


@pytest.fixture
def log(clinic: Clinic, clinic_server: EmbeddedPostgres) -> Iterator[EventLog]:
    """The clinic's own as its operator has it, after a client was referred, allocated, booked and seen."""
    client = clinic.client_of()
    clinic.hold(clinic.book(client, ANA))
    log = open_log(with_database(clinic_server.url(), LOG_DATABASE), name="operator")
    yield log
    log.close()


def told(log: EventLog) -> dict[str, list[str]]:
    return {topic: sorted(id_of(one.headers) or "" for one in records(log, topic)) for topic in TOPICS}


def effects(clinic: Clinic) -> dict[str, int]:
    """How much each service holds that it heard of."""
    found = {}
    for name in SERVICES:
        with clinic.house.floors[name].database.transaction() as tx:
            for table in ("inbox", "inbox_sequence", "parked_events"):
                found[f"{name}.{table}"] = int(tx.value(f"SELECT count(*) FROM {table}"))
    with clinic.house.floors["feedback"].database.transaction() as tx:
        found["offers"] = int(tx.value("SELECT count(*) FROM offer"))
    return found


def test_a_topic_that_was_lost_is_filled_again_and_nobody_hears_anything_twice(clinic: Clinic, log: EventLog) -> None:
    was, had = told(log), effects(clinic)
    apps = app_urls(clinic)
    for topic in TOPICS:
        log.trim(topic, log.end_offsets(topic))
    assert not any(told(log).values())

    put = refill(apps, log)
    again = refill(apps, log)
    clinic.settle()

    now = told(log)
    assert {topic: len(ids) for topic, ids in now.items()} == put
    assert all(set(was[topic]) >= set(now[topic]) > set() for topic in TOPICS)
    assert again == {}
    assert effects(clinic) == had


def app_urls(clinic: Clinic) -> dict[str, str]:
    return {name: floor.database.url for name, floor in clinic.house.floors.items()}
