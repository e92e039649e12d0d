"""By which rules readings are made, as the feedback service tells it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class RulesVersion:
    """One version with its parameters, as they are for the clinic's own form."""

    version: str
    sigma0: float
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RulesSwitch:
    """A change of rules; `number` counts them."""

    number: int
    version: str
    sigma0: float
    reason: str
    switched_on_at: datetime | None = None
    switched_on_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class RulesProposal:
    """The clinic's own spread, as far as it is known; `version` only where it could be switched on."""

    sessions: int
    courses: int
    needed: int
    sigma0: float | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What is in force, what there is, what was, what is proposed, and how far the last change has come."""

    in_force: RulesSwitch
    newest: str
    proposal: RulesProposal
    courses: int
    to_read: int
    versions: tuple[RulesVersion, ...] = ()
    history: tuple[RulesSwitch, ...] = ()


@dataclass(frozen=True, slots=True)
class RulesSide:
    """How a session reads by one of the two versions."""

    state: str
    signals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DifferentSession:
    """A session that would read differently."""

    session_number: int
    date: date
    now: RulesSide
    then: RulesSide


@dataclass(frozen=True, slots=True)
class EpisodeInShort:
    """An episode by the sessions that opened and closed it."""

    opened_session: int
    state: str
    closed_session: int | None = None


@dataclass(frozen=True, slots=True)
class DifferentCourse:
    """A client whose course would read differently."""

    client_id: UUID
    spoken_code: str
    practitioner_id: UUID
    state_now: str
    state_then: str
    sessions: tuple[DifferentSession, ...] = ()
    episodes_now: tuple[EpisodeInShort, ...] = ()
    episodes_then: tuple[EpisodeInShort, ...] = ()


@dataclass(frozen=True, slots=True)
class DifferencesPage:
    """Some of the clients; `next` leads on, None at the end."""

    items: tuple[DifferentCourse, ...] = ()
    next: str | None = None
