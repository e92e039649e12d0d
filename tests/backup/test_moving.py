"""A clinic in one process becomes many processes over Kafka, by one command, and holds the same as before."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.kafka.broker import Broker, BrokerFailed, free_ports
from deploy.secrets import make_secrets
from embedded.databases import service_urls_of
from embedded.house import House
from embedded.keys import load_keys
from embedded.postgres import EmbeddedPostgres
from embedded.restore import SecretsFolder
from shared.cli import main
from shared.eventlog.connect import open_log
from shared.eventlog.moving import digests
from shared.process import read_master_key
from tests.backup.conftest import BackedUp
from tests.broker.fixture import refuse_or_skip
from tests.cast import ANA, DANA
from tests.clinic import ADDRESS, PATIENT, Clinic, SetClock
from tests.conftest import running_server
from tests.leaks import canaries

TOPICS = ("rapport.intake", "rapport.scheduling", "rapport.feedback")


@pytest.fixture
def own_kafka(in_ci: bool) -> Iterator[str]:
    """A broker of its own: the shared one has topics of these names already."""
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(Path(folder), port=free_ports(1)[0])
        try:
            broker.start()
        except BrokerFailed as error:
            refuse_or_skip(str(error), in_ci=in_ci)
        yield f"kafka://{broker.bootstrap}"
        broker.stop()


@pytest.fixture
def elsewhere() -> Iterator[EmbeddedPostgres]:
    """The server that the clinic moves to."""
    yield from running_server("rapport-move-")


@pytest.mark.kafka
def test_a_clinic_moves_to_a_server_and_kafka_and_goes_on_there(
    backed_up: BackedUp, elsewhere: EmbeddedPostgres, own_kafka: str, tmp_path: Path
) -> None:
    secrets = tmp_path / "secrets"
    make_secrets(secrets, "/{database}?host=/nowhere", keys=load_keys(backed_up.keys))
    arguments = ["--to", elsewhere.url(), "--keys", str(backed_up.keys), "--secrets", str(secrets), "--log", own_kafka]

    moved = CliRunner().invoke(main, ["restore", "--verify", str(backed_up.taken.file), *arguments])
    again = CliRunner().invoke(main, ["restore", "--verify", str(backed_up.taken.file), *arguments])

    assert moved.exit_code == 0, moved.output
    assert "Every table holds what it held" in moved.output
    assert "nothing was copied" in again.output
    passwords = SecretsFolder(secrets).password
    urls = service_urls_of(elsewhere.url(), passwords)
    with closing(open_log(urls["intake"].log)) as before, closing(open_log(own_kafka)) as after:
        assert [digests(before, topic) for topic in TOPICS] == [digests(after, topic) for topic in TOPICS]

    keys = load_keys(backed_up.keys)
    assert read_master_key((secrets / "intake_master_key").read_text()) == keys.secret("vault|intake")
    house = House(
        urls,
        keys,
        clock=SetClock(backed_up.clinic.clock.now),
        clinic="Riverside",
        zone="Europe/London",
        address=ADDRESS,
        log_url=own_kafka,
        patience=PATIENT,
    )
    try:
        clinic = Clinic(house, SetClock(backed_up.clinic.clock.now))
        [client] = clinic.api("intake", DANA, "GET", "/v1/clients")["items"]
        names = clinic.api("intake", DANA, "POST", "/v1/people/look-up", {"ids": [client["client_id"]]})["items"]
        assert canaries.FAMILY in names[0]["display_name"]
        assert clinic.book(client["client_id"], ANA, at="2026-12-07T15:00")["id"]
    finally:
        house.end()
