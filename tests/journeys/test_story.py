"""The whole story by API, with the workers' own threads: on the log in PostgreSQL and over Kafka, the same code."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.smoke import Storyteller, tell
from embedded.databases import prepare_databases
from embedded.house import SERVICES, House
from embedded.postgres import EmbeddedPostgres, new_password
from shared.clock import utc_now
from shared.eventlog.connect import open_log
from tests.clinic import ADDRESS, TEST_KEYS
from tests.conftest import FAST_NOT_DURABLE


@pytest.fixture
def own_server() -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(prefix="rapport-story-") as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedPostgres(Path(folder) / "pg", new_password(), settings=FAST_NOT_DURABLE)
        server.start()
        yield server
        server.stop()


def live_through_the_story(server: EmbeddedPostgres, log_url: str | None) -> None:
    urls = prepare_databases(server.url(), TEST_KEYS.password)
    house = House(
        urls, TEST_KEYS, clock=utc_now, clinic="Riverside", zone="Europe/London", address=ADDRESS, log_url=log_url
    )
    house.begin()
    try:
        mounts = {f"http://{name}": httpx.WSGITransport(app=floor.app) for name, floor in house.floors.items()}
        addresses = {name: f"http://{name}" for name in house.floors}
        http = httpx.Client(mounts=mounts)
        tell(Storyteller(addresses, house.portal_signer, house.checkin_signer, http=http))
    finally:
        house.end()


def test_the_story_runs_on_the_log_in_postgresql(own_server: EmbeddedPostgres) -> None:
    live_through_the_story(own_server, None)


@pytest.mark.kafka
def test_the_story_runs_over_kafka(own_server: EmbeddedPostgres, kafka_url: str) -> None:
    log = open_log(kafka_url, name=f"story-{os.getpid()}")
    for service in SERVICES:
        log.create_topic(service.topic)
    log.close()

    live_through_the_story(own_server, kafka_url)
