"""A feedback service of the bench's own: hours told of as events, forms filled in by its own commands."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from bench.ground import Ground, password
from services.feedback.collection.commands.entries import enter_answers
from services.feedback.collection.domain.entry import Entry
from services.feedback.consumers import HANDLERS
from services.feedback.risk.commands import enter_crisis_information
from services.feedback.risk.domain.crisis import FICTIONAL
from shared.database import Database
from shared.database.provision import provision
from shared.envelope import Message
from shared.ids import uuid7
from shared.scope import system_scope
from shared.security.sealing import Vault
from shared.trace import new_trace

BEGIN = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
THERAPIST = UUID(int=7)
SCOPE = system_scope("bench")
MARKS = ("b1", "g1", "t1", "e1", "o1")


@dataclass
class Sittings:
    """One therapist's clients, each with a session a week."""

    database: Database
    _told: dict[str, int] = field(default_factory=dict)

    def client(self) -> UUID:
        """Somebody who fills in forms."""
        client_id = uuid7()
        about = f"client/{client_id}"
        self._hear(
            "intake.client.registered", about, BEGIN, spoken_code="K-1", registered_at=BEGIN, client_id=client_id
        )
        self._hear(
            "intake.consent.recorded",
            about,
            BEGIN,
            client_id=client_id,
            consent_id=uuid7(),
            purpose="feedback_forms",
            state="given",
            text_version="1",
            recorded_at=BEGIN,
        )
        self._hear(
            "intake.client.allocated",
            about,
            BEGIN,
            client_id=client_id,
            allocation_id=uuid7(),
            practitioner_id=THERAPIST,
            allocated_at=BEGIN,
        )
        return client_id

    def hold(self, client_id: UUID, week: int) -> UUID:
        """A session takes place; returns the client's form about it."""
        ends = BEGIN + timedelta(weeks=week)
        appointment_id = uuid7()
        self._hear(
            "scheduling.appointment.held",
            f"appointment/{appointment_id}",
            ends,
            appointment_id=appointment_id,
            client_id=client_id,
            practitioner_id=THERAPIST,
            type_code="individual",
            modality="in_person",
            starts_at=ends - timedelta(minutes=50),
            ends_at=ends,
            attendance_code="5",
            held_at=ends,
        )
        with self.database.transaction() as tx:
            found: UUID = tx.value(
                "SELECT id FROM offer WHERE appointment_id = %s AND side = 'client'", (appointment_id,)
            )
        return found

    def answer(self, offer_id: UUID, total: float, week: int) -> None:
        """The form comes back, in a transaction of its own: kept, told of, read, committed."""
        with self.database.transaction() as tx:
            enter_answers(
                tx, offer_id, Entry(answers=marks(total)), scope=SCOPE, now=BEGIN + timedelta(weeks=week, hours=1)
            )

    def _hear(self, kind: str, subject: str, at: datetime, **data: Any) -> None:
        self._told[subject] = self._told.get(subject, 0) + 1
        plain = {name: value.isoformat() if isinstance(value, datetime) else str(value) for name, value in data.items()}
        message = Message(
            id=str(uuid7()),
            source=f"/{kind.split('.', 1)[0]}",
            type=f"rapport.{kind}.v1",
            subject=subject,
            time=at,
            sequence=self._told[subject],
            key=None,
            data=plain,
            trace=new_trace(),
        )
        with self.database.transaction() as tx:
            HANDLERS[message.type](tx, message, now=at)


def marks(total: float) -> Mapping[str, object]:
    """Five whole marks that come to about this total, shared at once."""
    low, more = divmod(round(total / 2), len(MARKS))
    return {"s1": "now"} | {item: low + (n < more) for n, item in enumerate(MARKS)}


@contextmanager
def sittings(ground: Ground) -> Iterator[Sittings]:
    """A feedback service on the bench's PostgreSQL, with fsync as everywhere there."""
    urls = provision(ground.postgres.url(), "feedback", "services.feedback.migrations", password)
    pool = Database(urls.app, name="bench-feedback", vault=Vault(bytes(range(32)), service="feedback")).open()
    database = pool.for_the_program()
    try:
        with database.transaction() as tx:
            checked = date(2026, 1, 2)
            review = date(2026, 7, 1)
            enter_crisis_information(tx, FICTIONAL, checked_on=checked, review_on=review, scope=SCOPE, now=BEGIN)
        yield Sittings(database)
    finally:
        database.close()
