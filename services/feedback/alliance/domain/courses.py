"""A course as it is kept: who, with whom, on which measure, and what its sessions hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from uuid import UUID

from services.feedback.alliance.domain.series import (
    Decision,
    DecisionKind,
    Mirror,
    Missing,
    SaidSo,
    Series,
    Session,
    Talked,
)
from services.feedback.care.domain.days import local_day

RESTART_REASONS = frozenset({"change_of_delivery", "other"})


@dataclass(frozen=True, slots=True)
class Course:
    """One client, one therapist, one measure. `version` counts its events."""

    id: UUID
    client_id: UUID
    practitioner_id: UUID
    measure_id: str
    measure_version: int
    rules_version: str
    version: int


@dataclass(frozen=True, slots=True)
class Appointment:
    """A session's place in the calendar."""

    appointment_id: UUID
    client_id: UUID
    practitioner_id: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class KeptAppointment(Appointment):
    """An appointment and what became of it so far: booked, held, missed or cancelled."""

    status: str


@dataclass(frozen=True, slots=True)
class HeldSession:
    """A held session with what came back from both sides; None where nothing did."""

    appointment_id: UUID
    starts_at: datetime
    offer_state: str | None = None
    missing_reason: str | None = None
    sharing: str | None = None
    visible: bool = False
    total: float | None = None
    answered: int = 0
    said: str | None = None
    talked: str | None = None
    mirror_total: float | None = None
    mirror_said: str | None = None
    mirror_blind: bool | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as it was taken, by its moment."""

    at: datetime
    kind: str
    reason: str
    role: str = ""


def missing_of(held: HeldSession) -> Missing | None:
    """Why the therapist sees no answers for this session; None when there is something to see."""
    if held.sharing is not None:
        if held.visible:
            return None
        return Missing.NOT_SHARED if held.sharing == "not" else Missing.SHARED_LATER
    if held.offer_state == "open":
        return Missing.AWAITED
    return Missing(held.missing_reason) if held.missing_reason else Missing.NOT_OFFERED


def series_of(sessions_held: Sequence[HeldSession], decided: Sequence[Decided], zone: tzinfo) -> Series:
    """
    The series as the reader takes it: sessions numbered by their start, decisions placed between them.

    Answers that the therapist may not see are not in it: the reader never knows more
    than the person who reads its sentences.
    """
    sessions = [_session(number, held) for number, held in enumerate(sessions_held, 1)]
    decisions = [
        Decision(
            before=1 + sum(held.starts_at <= decision.at for held in sessions_held),
            kind=DecisionKind(decision.kind),
            reason=decision.reason,
            at=decision.at,
            on=local_day(decision.at, zone),
            role=decision.role,
        )
        for decision in sorted(decided, key=lambda d: d.at)
    ]
    return Series(sessions, decisions)


def _session(number: int, held: HeldSession) -> Session:
    missing = missing_of(held)
    seen = missing is None
    mirror = None
    if held.mirror_blind is not None:
        mirror = Mirror(held.mirror_total, SaidSo(held.mirror_said) if held.mirror_said else None, held.mirror_blind)
    return Session(
        number,
        total=held.total if seen else None,
        said=SaidSo(held.said) if seen and held.said else None,
        talked=Talked(held.talked) if seen and held.talked else None,
        answered=held.answered if seen else 0,
        missing=missing,
        mirror=mirror,
    )
