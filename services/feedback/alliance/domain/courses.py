"""A course as it is kept: who, with whom, on which measure, and what its sessions hold."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from services.feedback.alliance.domain.episode_notes import WITHIN
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
class Hour:
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


@dataclass(frozen=True, slots=True)
class KeptEpisode:
    """
    An episode as it is kept. Times are those of its sessions; `version` counts its changes, `told` its events.

    `owner_id` is who follows it through, None for the practitioner; `last_noted_at` the latest
    note that stands; `closed_by_id` the person who closed it, where a person did.
    """

    id: UUID
    version: int
    course_id: UUID
    client_id: UUID
    practitioner_id: UUID
    state: str
    opened_session: int
    opened_appointment: UUID
    opened_at: datetime
    opened_by: tuple[str, ...]
    lead_in_session: int | None
    m_pre: float | None
    s_pre: float | None
    lowest: float | None
    verdict: str | None
    checkins: int
    late: bool
    noticed_at: datetime
    told: int = 1
    closed_session: int | None = None
    closed_at: datetime | None = None
    close_reason: str | None = None
    conversation_held_on: Any = field(default=None)  # a date
    conversation_noted_by: UUID | None = None
    owner_id: UUID | None = None
    not_yet: str | None = None
    tried: tuple[str, ...] = ()
    last_noted_at: datetime | None = None
    closed_by: str | None = None
    closed_by_id: UUID | None = None

    @property
    def followed_by(self) -> UUID:
        """Who follows it through."""
        return self.owner_id or self.practitioner_id

    @property
    def undo_until(self) -> datetime | None:
        """Until when its last note can be taken back; None without a note."""
        return None if self.last_noted_at is None else self.last_noted_at + WITHIN


def missing_of(hour: Hour) -> Missing | None:
    """Why the therapist sees no answers for this session; None when there is something to see."""
    if hour.sharing is not None:
        if hour.visible:
            return None
        return Missing.NOT_SHARED if hour.sharing == "not" else Missing.SHARED_LATER
    if hour.offer_state == "open":
        return Missing.AWAITED
    return Missing(hour.missing_reason) if hour.missing_reason else Missing.NOT_OFFERED


def series_of(hours: Sequence[Hour], decided: Sequence[Decided], zone: tzinfo) -> Series:
    """
    The series as the reader takes it: sessions numbered by their start, decisions placed between them.

    Answers that the therapist may not see are not in it: the reader never knows more
    than the person who reads its sentences.
    """
    sessions = [_session(number, hour) for number, hour in enumerate(hours, 1)]
    decisions = [
        Decision(
            before=1 + sum(hour.starts_at <= decision.at for hour in hours),
            kind=DecisionKind(decision.kind),
            reason=decision.reason,
            at=decision.at,
            on=local_day(decision.at, zone),
            role=decision.role,
        )
        for decision in sorted(decided, key=lambda d: d.at)
    ]
    return Series(sessions, decisions)


def _session(number: int, hour: Hour) -> Session:
    missing = missing_of(hour)
    seen = missing is None
    mirror = None
    if hour.mirror_blind is not None:
        mirror = Mirror(hour.mirror_total, SaidSo(hour.mirror_said) if hour.mirror_said else None, hour.mirror_blind)
    return Session(
        number,
        total=hour.total if seen else None,
        said=SaidSo(hour.said) if seen and hour.said else None,
        talked=Talked(hour.talked) if seen and hour.talked else None,
        answered=hour.answered if seen else 0,
        missing=missing,
        mirror=mirror,
    )
