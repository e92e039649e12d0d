"""Intake's own worker between its database and a real log: what is told arrives, what is heard counts."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from embedded.postgres import EmbeddedPostgres
from services.intake.allocation import commands as care
from services.intake.app import SERVICE
from services.intake.people import queries as people
from services.intake.people.domain.refusals import FieldsRefused
from shared.database import Database
from shared.database.provision import ServiceUrls
from shared.envelope import Event, from_record, to_record
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.postgres.provision import LogUser, migrate_log
from shared.scope import Scope
from shared.trace import new_trace
from shared.worker import ServiceWorker
from tests.databases import test_password
from tests.intake.conftest import ANA, NOW, Clock
from tests.intake.desk import allocated, waiting


@pytest.fixture
def log(postgres: EmbeddedPostgres, urls: ServiceUrls) -> Iterator[PostgresLog]:
    # Not emptied: it may be the log of the whole clinic, too, which other tests of this process go on with.
    migrate_log(postgres.url(), [LogUser("relay_intake", topics="%", groups="%")], test_password)
    log = PostgresLog(urls.log)
    for topic in ("rapport.intake", "rapport.scheduling"):
        log.create_topic(topic)
    yield log
    log.close()


@pytest.fixture
def worker(database: Database, urls: ServiceUrls, log: PostgresLog, clock: Clock) -> Iterator[ServiceWorker]:
    worker = ServiceWorker(
        SERVICE, database=database, relay_url=urls.relay, sealer_url=urls.sealer, log=log, clock=clock
    )
    yield worker
    worker.close()


def say(log: PostgresLog, kind: str, subject: str, key: UUID, **data: object) -> None:
    event = Event("scheduling", kind, subject, key, 1, NOW, data)
    log.append("rapport.scheduling", [to_record(event, new_trace())])


def test_a_practitioner_heard_of_can_be_allocated_to_and_the_first_hour_begins_therapy(
    database: Database, log: PostgresLog, worker: ServiceWorker, dana: Scope
) -> None:
    with database.transaction() as tx:
        client_id = waiting(tx, dana, NOW)
    with pytest.raises(FieldsRefused), database.transaction() as tx:
        care.allocate(tx, client_id, ANA, scope=dana, now=NOW)

    say(log, "practitioner.added.v1", f"practitioner/{ANA}", ANA, practitioner_id=ANA, added_at=NOW)
    worker.step()
    with database.transaction() as tx:
        care.allocate(tx, client_id, ANA, scope=dana, now=NOW)
    held_at = NOW + timedelta(days=7)
    for _ in range(2):  # the log may deliver twice
        say(
            log,
            "appointment.held.v1",
            "appointment/0192f1c0-0000-7000-8000-000000000009",
            client_id,
            client_id=client_id,
            practitioner_id=ANA,
            held_at=held_at,
        )
    worker.step()

    with database.transaction() as tx:
        assert people.list_clients(tx, scope=dana, now=NOW).found[0].state == "in_therapy"
        assert tx.value("SELECT count(*) FROM parked_events") == 0


@pytest.mark.usefixtures("practitioners")
def test_everything_told_reaches_the_log_in_order_and_without_a_name(
    database: Database, log: PostgresLog, worker: ServiceWorker, dana: Scope
) -> None:
    with database.transaction() as tx:
        client_id = allocated(tx, dana, NOW, ANA)

    worker.step()

    told = log.reader(["rapport.intake"]).poll(2, 100_000)
    records = [record for record in told if record.key == str(client_id).encode()]
    messages = [from_record(record) for record in records]
    assert [m.type.split(".", 2)[2] for m in messages] == [
        "client.registered.v1",
        "referral.received.v1",
        "referral.accepted.v1",
        "consent.recorded.v1",
        "consent.recorded.v1",
        "client.allocated.v1",
    ]
    assert {m.key for m in messages} == {str(client_id)}
    whole = b"".join(bytes(record.value or b"") + str(record.headers).encode() for record in records)
    assert not any(name.encode() in whole for name in ("Mara", "Łukasz", "Neil", "sleep", "1990-"))
