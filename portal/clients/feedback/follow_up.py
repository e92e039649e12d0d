"""Asks the feedback service for what follows from a reading: the next session, an ending, whom to reach out to."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from portal.clients.feedback.course import (
    Absence,
    Episode,
    Measure,
    Point,
    Reading,
    Restart,
    Sentence,
    Signal,
    Usual,
    Wish,
)
from portal.clients.feedback.outcome import Change
from portal.clients.responses import read, read_all
from portal.clients.service_client import ServiceClient

EPISODES_A_PAGE = 25


@dataclass(frozen=True, slots=True)
class StrainAnswers:
    """The client's own words on strain, as codes of their answers."""

    session_number: int
    said: str | None = None
    talked: str | None = None


@dataclass(frozen=True, slots=True)
class Preparation:
    """Everything for the next session. `unseen` is for the treating therapist; `kept_back` is a reason code."""

    client_id: UUID
    spoken_code: str
    practitioner_id: UUID
    measure: Measure
    next_session: int
    reading: Reading
    wish: Wish | None = None
    previous_wish: Wish | None = None
    said: StrainAnswers | None = None
    episode: Episode | None = None
    unseen: tuple[Signal, ...] = ()
    signals: tuple[Signal, ...] = ()
    last: Point | None = None
    recent: tuple[Point, ...] = ()
    restarts: tuple[Restart, ...] = ()
    kept_back: str | None = None
    absences: tuple[Absence, ...] = ()
    outcome: tuple[Sentence, ...] = ()
    tried_prompts: tuple[str, ...] = ()
    not_yet_prompts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """One outcome measure from its first to its latest total; no change before there are two."""

    name: str
    sentence: Sentence
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class EndingReview:
    """Looking back: the first and last session with a total, what was met, repaired, and stayed open."""

    client_id: UUID
    spoken_code: str
    practitioner_id: UUID
    measure: Measure
    sessions: int
    wish: Wish | None = None
    first: Point | None = None
    last: Point | None = None
    wishes_met: int = 0
    repaired: int = 0
    stayed_open: int = 0
    open_episode: bool = False
    ended_at: datetime | None = None
    outcome: tuple[Compared, ...] = ()


@dataclass(frozen=True, slots=True)
class EarlierPoint:
    """A session with another therapist."""

    session_number: int
    date: date
    state: str
    client_total: float | None = None
    usual: Usual | None = None
    missing_reason: str | None = None


@dataclass(frozen=True, slots=True)
class EarlierCourse:
    """A course with another therapist, without words."""

    course_id: UUID
    practitioner_id: UUID
    measure: Measure
    ended_at: datetime | None = None
    points: tuple[EarlierPoint, ...] = ()
    episodes: tuple[Episode, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedEpisode:
    """An episode in a list across clients."""

    client_id: UUID
    spoken_code: str
    practitioner_id: UUID
    episode: Episode


@dataclass(frozen=True, slots=True)
class EpisodesPage:
    """Some of the episodes; `next` leads on, None at the end."""

    items: tuple[ListedEpisode, ...] = ()
    next: str | None = None


@dataclass(frozen=True, slots=True)
class ReachOutPart:
    """One part of the sum, with its sentence."""

    code: str
    points: int
    template: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReachOutNote:
    """Somebody reached out (`on`), or decided not to for now (`reason`)."""

    id: UUID
    kind: str
    on: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ReachOutClient:
    """One client on the reach-out list; rests until a day after a note, unless something new came up."""

    client_id: UUID
    spoken_code: str
    practitioner_id: UUID
    points: int
    parts: tuple[ReachOutPart, ...]
    resting_until: date | None = None
    note: ReachOutNote | None = None
    unread: tuple[str, ...] = ()


class FollowUpClient:
    """What follows, asked on one person's behalf."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    def preparation(self, client_id: UUID) -> Preparation:
        return read(Preparation, self._service.get(f"/v1/clients/{client_id}/preparation"))

    def ending_review(self, client_id: UUID) -> EndingReview:
        return read(EndingReview, self._service.get(f"/v1/clients/{client_id}/ending-review"))

    def earlier_courses(self, client_id: UUID) -> tuple[EarlierCourse, ...]:
        """The courses with other therapists, oldest first."""
        return read_all(EarlierCourse, self._service.get(f"/v1/clients/{client_id}/history"))

    def episodes(self, state: str, *, after: str | None = None) -> EpisodesPage:
        """Those one may read that are `open` or `closed`, oldest first, some at a time."""
        wanted = {"state": state, "limit": EPISODES_A_PAGE, "cursor": after}
        return read(EpisodesPage, self._service.get("/v1/episodes", wanted))

    def note_episode(self, episode_id: UUID, note: dict[str, Any], *, version: int) -> None:
        """Talked about (`held_on`), or not yet (`not_yet`), and what was `tried`."""
        self._service.post(f"/v1/episodes/{episode_id}/notes", note, version=version)

    def take_note_back(self, episode_id: UUID, *, version: int) -> None:
        """The last note no longer counts."""
        self._service.post(f"/v1/episodes/{episode_id}/withdrawal", {}, version=version)

    def hand_over(self, episode_id: UUID, owner_id: UUID, *, version: int) -> None:
        """From now on this colleague follows it through."""
        self._service.post(f"/v1/episodes/{episode_id}/owner", {"owner_id": owner_id}, version=version)

    def reach_out_list(self, practitioner_id: UUID | None) -> tuple[ReachOutClient, ...]:
        """Whom to reach out to; everybody's clients when no practitioner is named."""
        return read_all(ReachOutClient, self._service.get("/v1/reach-out", {"practitioner_id": practitioner_id}))

    def note_reach_out(self, client_id: UUID, note: dict[str, str], *, key: str) -> None:
        """Somebody reached out, or decided not to for now."""
        self._service.post(f"/v1/clients/{client_id}/reach-out", note, key=key)

    def take_reach_out_back(self, client_id: UUID, note_id: UUID, *, key: str) -> None:
        """The note no longer counts."""
        self._service.post(f"/v1/clients/{client_id}/reach-out/{note_id}/withdrawal", {}, key=key)
