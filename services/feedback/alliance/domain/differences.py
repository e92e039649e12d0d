"""What other rules would have said: two readings of one course, side by side."""

from collections.abc import Collection
from dataclasses import dataclass

from services.feedback.alliance.domain.episodes import Episode
from services.feedback.alliance.domain.reader import CourseReading, Reading
from services.feedback.alliance.domain.series import State


@dataclass(frozen=True, slots=True)
class SessionDifference:
    """One session that reads differently."""

    session: int
    state_now: State
    state_then: State
    signals_now: tuple[str, ...]
    signals_then: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EpisodeSummary:
    """An episode in short: the sessions that opened and closed it (None: no session did), and how it stands."""

    opened: int
    closed: int | None
    state: State


@dataclass(frozen=True, slots=True)
class Difference:
    """How a course reads now, and how it would; `sessions` are those whose state or signals differ."""

    state_now: State
    state_then: State
    sessions: tuple[SessionDifference, ...]
    episodes_now: tuple[EpisodeSummary, ...]
    episodes_then: tuple[EpisodeSummary, ...]


def difference(now: CourseReading, then: CourseReading, *, hidden: Collection[str] = ()) -> Difference | None:
    """
    Compare two readings of the same sessions; None when nobody would notice.

    `hidden` are codes of signals that whoever asks may not see. Numbers that differ
    without changing a state or a signal are no difference here.
    """
    sessions = tuple(
        SessionDifference(a.session, a.state, b.state, _codes(a, hidden), _codes(b, hidden))
        for a, b in zip(now.readings, then.readings, strict=True)
        if a.state is not b.state or _codes(a, hidden) != _codes(b, hidden)
    )
    episodes_now, episodes_then = _in_short(now.episodes), _in_short(then.episodes)
    if not sessions and episodes_now == episodes_then and now.state is then.state:
        return None
    return Difference(now.state, then.state, sessions, episodes_now, episodes_then)


def _codes(reading: Reading, hidden: Collection[str]) -> tuple[str, ...]:
    return tuple(str(signal.code) for signal in reading.signals if signal.code not in hidden)


def _in_short(episodes: tuple[Episode, ...]) -> tuple[EpisodeSummary, ...]:
    return tuple(EpisodeSummary(episode.opened, episode.closed, episode.state) for episode in episodes)
