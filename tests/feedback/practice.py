"""A small practice: events told as intake and scheduling tell them, forms filled in as people do."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

from flask.testing import FlaskClient

from services.feedback.collection.commands import entries as entering
from services.feedback.collection.commands import plan as planning
from services.feedback.collection.domain.entry import Entry
from services.feedback.collection.domain.offers import Offer
from services.feedback.collection.domain.plan import Plan, PlanEntry
from services.feedback.collection.store import offers as offer_store
from services.feedback.collection.store import plans
from services.feedback.consumers import HANDLERS
from shared.database import Database, Row, Tx
from shared.envelope import Message
from shared.ids import uuid7
from shared.scope import Scope, system_scope
from shared.trace import new_trace
from tests.cast import ANA, LEAD

SYSTEM = system_scope("test")


class SetClock(Protocol):
    now: datetime

    def __call__(self) -> datetime: ...
    def move(self, **by: float) -> datetime: ...


def told_as(kind: str, data: Mapping[str, Any], *, subject: str, sequence: int, at: datetime) -> Message:
    """An event as the consumer hears it."""
    service = kind.split(".", 1)[0]
    plain = json.loads(json.dumps(dict(data), default=lambda v: v.isoformat() if isinstance(v, datetime) else str(v)))
    return Message(
        id=str(uuid7()),
        source=f"/{service}",
        type=f"rapport.{kind}.v1",
        subject=subject,
        time=at,
        sequence=sequence,
        key=None,
        data=plain,
        trace=new_trace(),
    )


@dataclass
class Practice:
    """Time moves on by a week from session to session."""

    database: Database
    clock: SetClock
    sequences: dict[str, int] = field(default_factory=dict)
    codes: int = 1000

    def hear(self, kind: str, subject: str, **data: Any) -> None:
        """One event, in a transaction of its own."""
        self.sequences[subject] = self.sequences.get(subject, 0) + 1
        message = told_as(kind, data, subject=subject, sequence=self.sequences[subject], at=self.clock())
        with self.database.transaction() as tx:
            HANDLERS[message.type](tx, message, now=self.clock())

    def client(self, therapist: UUID = ANA.id, *, consent: bool = True, allocated: bool = True) -> UUID:
        """A client, registered, allocated, and willing to fill in forms."""
        client_id = uuid7()
        self.codes += 1
        self.hear(
            "intake.client.registered",
            f"client/{client_id}",
            client_id=client_id,
            spoken_code=f"K-{self.codes}",
            registered_at=self.clock(),
        )
        if consent:
            self.consent(client_id)
        if allocated:
            self.allocate(client_id, therapist)
        return client_id

    def consent(self, client_id: UUID, state: str = "given", purpose: str = "feedback_forms") -> None:
        self.hear(
            "intake.consent.recorded",
            f"client/{client_id}",
            client_id=client_id,
            consent_id=uuid7(),
            purpose=purpose,
            state=state,
            text_version="1",
            recorded_at=self.clock(),
        )

    def allocate(self, client_id: UUID, therapist: UUID = ANA.id) -> UUID:
        allocation_id = uuid7()
        self.hear(
            "intake.client.allocated",
            f"client/{client_id}",
            client_id=client_id,
            allocation_id=allocation_id,
            practitioner_id=therapist,
            allocated_at=self.clock(),
        )
        return allocation_id

    def end_therapy(self, client_id: UUID, allocation_id: UUID, therapist: UUID = ANA.id) -> None:
        self.hear(
            "intake.therapy.ended",
            f"client/{client_id}",
            client_id=client_id,
            practitioner_id=therapist,
            allocation_id=allocation_id,
            reason_code="46",
            ended_at=self.clock(),
        )

    def hour(self, client_id: UUID, therapist: UUID = ANA.id, appointment_id: UUID | None = None) -> dict[str, Any]:
        """An hour that ends now."""
        return {
            "appointment_id": appointment_id or uuid7(),
            "client_id": client_id,
            "practitioner_id": therapist,
            "type_code": "individual",
            "modality": "in_person",
            "starts_at": self.clock() - timedelta(minutes=50),
            "ends_at": self.clock(),
        }

    def coming(self, client_id: UUID, **begins_in: float) -> dict[str, Any]:
        """An hour that begins some time from now."""
        starts_at = self.clock() + timedelta(**begins_in)
        hour = self.hour(client_id)
        return hour | {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=50)}

    def book(self, client_id: UUID, **begins_in: float) -> dict[str, Any]:
        """An hour that begins some time from now is booked."""
        hour = self.coming(client_id, **begins_in)
        self.tell("booked", hour, booked_at=self.clock())
        return hour

    def plan(self, *entries: PlanEntry, **more: Any) -> None:
        """The clinic collects the two session forms, and these."""
        lead = Scope(LEAD.id, frozenset({"clinical_lead"}), "care", "portal")
        with self.database.transaction() as tx:
            known = plans.current_plan(tx, SYSTEM)
            new = Plan(entries=(*plans.FIRST_PLAN.entries, *entries), **more)
            planning.set_plan(tx, new, expected_version=known.version, scope=lead, now=self.clock())

    def tell(self, what: str, hour: Mapping[str, Any], **more: Any) -> None:
        """`appointment.<what>` about an hour."""
        self.hear(f"scheduling.appointment.{what}", f"appointment/{hour['appointment_id']}", **{**hour, **more})

    def hold(self, client_id: UUID, therapist: UUID = ANA.id) -> UUID:
        """A week later a session takes place."""
        self.clock.move(days=7)
        hour = self.hour(client_id, therapist)
        self.tell("held", hour, attendance_code="5", held_at=self.clock())
        appointment_id: UUID = hour["appointment_id"]
        return appointment_id

    def offer(self, appointment_id: UUID, side: str = "client", measure_id: str | None = None) -> Offer:
        """The offer about a session: of the session form, unless another measure is named."""
        measure_id = measure_id or ("session-checkin" if side == "client" else "session-checkin-mirror")
        with self.database.transaction() as tx:
            row = tx.row(
                "SELECT id FROM offer WHERE appointment_id = %s AND side = %s AND measure_id = %s "
                "ORDER BY state = 'withdrawn', offered_at",
                (appointment_id, side, measure_id),
            )
            assert row is not None, "no offer"
            offer = offer_store.lock_offer(tx, SYSTEM, row["id"])
            assert offer is not None
            return offer

    def answer(self, appointment_id: UUID, side: str = "client", *, by: Scope = SYSTEM, **answers: Any) -> Any:
        """Fill in a form; shared at once unless said otherwise."""
        given = ({"s1": "now"} if side == "client" else {}) | answers
        with self.database.transaction() as tx:
            offer_id = self.offer(appointment_id, side).id
            return entering.enter_answers(tx, offer_id, Entry(answers=given), scope=by, now=self.clock())

    def fill(self, appointment_id: UUID, measure_id: str, *, by: Scope = SYSTEM, **answers: Any) -> Any:
        """A client's answers to any measure that was offered."""
        with self.database.transaction() as tx:
            offer_id = self.offer(appointment_id, measure_id=measure_id).id
            return entering.enter_answers(tx, offer_id, Entry(answers=answers), scope=by, now=self.clock())

    def session(self, client_id: UUID, total: float | None, **answers: Any) -> UUID:
        """A session that took place, with a client's check-in of this total (0-100, even); None: not answered."""
        appointment_id = self.hold(client_id)
        if total is not None:
            self.answer(appointment_id, **(marks(total) | answers))
        return appointment_id

    def course(self, client_id: UUID, *totals: float | None) -> list[UUID]:
        """Sessions with these totals."""
        return [self.session(client_id, total) for total in totals]

    def row(self, sql: str, *params: Any) -> Row:
        """One row, for a look behind the doors."""
        with self.database.transaction() as tx:
            found = tx.row(sql, params)
            assert found is not None
            return found

    def rows(self, sql: str, *params: Any) -> list[Row]:
        with self.database.transaction() as tx:
            return tx.rows(sql, params)

    def states(self) -> list[str]:
        """The readings in force, in order."""
        return [
            row["state"]
            for row in self.rows("SELECT state FROM reading WHERE superseded_at IS NULL ORDER BY session_number")
        ]

    def run(self, job: Callable[[Tx, datetime], None]) -> None:
        with self.database.transaction() as tx:
            job(tx, self.clock())

    def told(self) -> list[Row]:
        """The events told so far, oldest first, their data read."""
        rows = self.rows(
            "SELECT type, aggregatetype, aggregateid, aggregate_version, key, payload FROM outbox ORDER BY seq"
        )
        return [row | {"data": json.loads(row["payload"])} for row in rows]

    def kinds(self) -> list[str]:
        return [row["type"].removeprefix("rapport.feedback.").removesuffix(".v1") for row in self.told()]


def marks(total: float, prefix: str = "") -> dict[str, Any]:
    """Five whole marks whose mean times ten is this total (0-100 in steps of two)."""
    points = round(total / 2)
    low, more = divmod(points, 5)
    return {f"{prefix}{item}": low + (n < more) for n, item in enumerate(("b1", "g1", "t1", "e1", "o1"))}


class Caller:
    """Somebody with a token, speaking JSON."""

    def __init__(self, http: FlaskClient, token: Callable[[], str]) -> None:
        self._http = http
        self._token = token

    def get(self, path: str, *, handle: str = "", **query: Any) -> Any:
        return self._http.get(path, query_string=query, headers=self._headers(handle))

    def post(
        self, path: str, body: Any, *, key: str | None = None, version: int | None = None, handle: str = ""
    ) -> Any:
        headers = self._headers(handle) | {"Idempotency-Key": key or str(uuid4())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self._http.post(path, json=body, headers=headers)

    def put(self, path: str, body: Any, *, handle: str = "", version: int | None = None) -> Any:
        headers = self._headers(handle)
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self._http.put(path, json=body, headers=headers)

    def _headers(self, handle: str = "") -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self._token()}"}
        return headers | ({"X-Form-Handle": handle} if handle else {})
