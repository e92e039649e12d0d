"""A small practice with a real database: Ana and Ben keep diaries, Mara is Ana's client, Noor is Ben's."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from services.scheduling.appointments.commands import booking, changes
from services.scheduling.appointments.domain.appointment import Appointment, Marking
from services.scheduling.appointments.domain.booking import BookingRequest, Modality, MoveRequest
from services.scheduling.appointments.domain.status import Status
from services.scheduling.consumers import HANDLERS
from services.scheduling.resources.commands import add_room, keep_diary
from services.scheduling.series.commands import book_series
from services.scheduling.series.domain import Series, SeriesRequest
from shared.database import Database, Tx
from shared.envelope import Message
from shared.scope import Scope
from shared.trace import new_trace
from tests.trail import trail

T = TypeVar("T")


def local(text: str) -> datetime:
    """Wall time, without a zone, as people say it."""
    return datetime.fromisoformat(text)


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday, 10:00 in Berlin
BERLIN = "Europe/Berlin"
TUESDAY_15 = local("2026-03-10T15:00")  # in Berlin


def message(kind: str, data: dict[str, Any]) -> Message:
    subject = f"client/{data['client_id']}" if "client_id" in data else f"deputising/{data['deputising_id']}"
    return Message(
        id=str(uuid4()),
        source="/intake",
        type=f"rapport.intake.{kind}.v1",
        subject=subject,
        time=NOW,
        sequence=1,
        key=subject.partition("/")[2],
        data=data,
        trace=new_trace(),
    )


@dataclass
class Practice:
    database: Database
    owner_url: str
    ana: UUID = field(default_factory=uuid4)
    ben: UUID = field(default_factory=uuid4)
    mara: UUID = field(default_factory=uuid4)
    noor: UUID = field(default_factory=uuid4)

    def open(self) -> "Practice":
        for practitioner in (self.ana, self.ben):
            self.run(lambda tx, p=practitioner: keep_diary(tx, p, BERLIN, now=NOW))  # type: ignore[misc]
        self.welcome(self.mara, "K-1042", self.ana)
        self.welcome(self.noor, "K-1043", self.ben)
        return self

    def run(self, work: Callable[[Tx], T]) -> T:
        return self.database.run(work)

    def hear(self, kind: str, data: dict[str, Any], *, now: datetime = NOW) -> None:
        told = message(kind, data)
        self.run(lambda tx: HANDLERS[told.type](tx, told, now=now))

    def welcome(self, client_id: UUID, code: str, practitioner_id: UUID) -> UUID:
        """A client who is registered and allocated; returns the allocation's id."""
        self.hear(
            "client.registered", {"client_id": str(client_id), "spoken_code": code, "registered_at": NOW.isoformat()}
        )
        return self.allocate(client_id, practitioner_id)

    def allocate(self, client_id: UUID, practitioner_id: UUID, *, at: datetime = NOW) -> UUID:
        allocation_id = uuid4()
        self.hear(
            "client.allocated",
            {
                "client_id": str(client_id),
                "allocation_id": str(allocation_id),
                "practitioner_id": str(practitioner_id),
                "allocated_at": at.isoformat(),
            },
        )
        return allocation_id

    def end(self, client_id: UUID, practitioner_id: UUID, allocation_id: UUID, *, at: datetime = NOW) -> None:
        data = {
            "client_id": str(client_id),
            "allocation_id": str(allocation_id),
            "practitioner_id": str(practitioner_id),
            "reason_code": "46",
            "ended_at": at.isoformat(),
        }
        self.hear("therapy.ended", data, now=at)

    def desk(self) -> Scope:
        return Scope(uuid4(), frozenset({"front_desk"}), "booking", "portal")

    def therapist(self, who: UUID) -> Scope:
        return Scope(who, frozenset({"therapist"}), "own diary", "portal")

    def request(self, **changes: Any) -> BookingRequest:
        asked: dict[str, Any] = {
            "client_id": self.mara,
            "practitioner_id": self.ana,
            "type_code": "individual",
            "modality": Modality.IN_PERSON,
            "local_start": TUESDAY_15,
            "minutes": 50,
        }
        return BookingRequest(**(asked | changes))

    def book(self, *, scope: Scope | None = None, now: datetime = NOW, **changes: Any) -> Appointment:
        request = self.request(**changes)
        return self.run(lambda tx: booking.book(tx, request, scope=scope or self.desk(), now=now))

    def book_series(
        self,
        weeks: int,
        *,
        skip_conflicts: bool = False,
        scope: Scope | None = None,
        now: datetime = NOW,
        **changes: Any,
    ) -> Series:
        request = SeriesRequest(self.request(**changes), weeks, skip_conflicts)
        return self.run(lambda tx: book_series(tx, request, scope=scope or self.desk(), now=now))

    def mark(
        self, appointment: Appointment, to: Status, *, now: datetime, scope: Scope | None = None, **details: Any
    ) -> Appointment:
        return self.run(
            lambda tx: changes.mark_appointment(
                tx,
                appointment.id,
                Marking(to, **details),
                expected_version=appointment.version,
                scope=scope or self.desk(),
                now=now,
            )
        )

    def undo(self, appointment: Appointment, *, now: datetime) -> Appointment:
        return self.run(
            lambda tx: changes.undo_marking(
                tx, appointment.id, expected_version=appointment.version, scope=self.desk(), now=now
            )
        )

    def move(
        self,
        appointment: Appointment,
        local_start: datetime,
        *,
        minutes: int | None = None,
        room_id: UUID | None = None,
        keep_room: bool = True,
        scope: Scope | None = None,
        now: datetime = NOW,
    ) -> Appointment:
        to = MoveRequest(local_start, minutes, room_id, keep_room)
        return self.run(
            lambda tx: changes.move_appointment(
                tx, appointment.id, to, expected_version=appointment.version, scope=scope or self.desk(), now=now
            )
        )

    def room(self, label: str) -> UUID:
        return self.run(lambda tx: add_room(tx, label, now=NOW)).id

    def published(self) -> list[dict[str, Any]]:
        """What waits in the outbox: type, subject, sequence, key and data."""
        rows = self.run(lambda tx: tx.rows("SELECT * FROM outbox ORDER BY seq"))
        return [
            {
                "type": row["type"],
                "subject": f"{row['aggregatetype']}/{row['aggregateid']}",
                "sequence": row["aggregate_version"],
                "key": bytes(row["key"]).decode(),
                "data": json.loads(bytes(row["payload"])),
            }
            for row in rows
        ]

    def kinds(self, appointment: Appointment) -> list[str]:
        """The events told of one appointment, in order, without the words they share."""
        subject = f"appointment/{appointment.id}"
        return [e["type"].split(".")[-2] for e in self.published() if e["subject"] == subject]

    def audited(self) -> list[tuple[str, list[UUID]]]:
        return [(row["action"], row["about"]) for row in trail(self.database)]


def days(count: int) -> timedelta:
    return timedelta(days=count)
