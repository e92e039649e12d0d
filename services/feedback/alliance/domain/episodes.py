"""Episodes: a rupture and what became of it, from the session that opened it to the one that closed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from services.feedback.alliance.domain.baseline import Baseline
from services.feedback.alliance.domain.rules import ReaderRules
from services.feedback.alliance.domain.series import SaidSo, Session, State, Talked
from services.feedback.alliance.domain.signals import Code, Grade, Signal

K = TypeVar("K")

REPAIRED = "repaired"
THERAPY_ENDED = "therapy_ended"
SUPERSEDED = "superseded"  # a correction of earlier sessions left nothing of it
# Who or what closed an episode.
BY_ANSWERS, BY_CORRECTION, BY_ENDING, BY_PERSON = "answers", "correction", "ending", "person"
PERSONS_REASONS = frozenset({"settled", "change_of_therapist", "other"})


@dataclass(frozen=True, slots=True)
class Episode:
    """
    One rupture, followed through. Sessions are given by their number.

    `m_pre` and `s_pre` are what was usual before, in points; None when there were no
    earlier totals to return to. `k` counts the check-ins since the opening.
    """

    opened: int
    opened_by: tuple[Code, ...]
    lead_in: int | None
    m_pre: float | None
    s_pre: float | None
    lowest: float | None
    verdict: Talked | None
    state: State = State.RUPTURE
    k: int = 0
    closed: int | None = None
    late: bool = False
    close_reason: str | None = None
    closed_by: str | None = None
    decided_at: datetime | None = None  # when a decision, not a session, closed it

    @property
    def is_open(self) -> bool:
        """True until it is repaired, or closed with a reason."""
        return self.close_reason is None


def opens(found: Sequence[Signal]) -> tuple[Code, ...]:
    """The signals that together open an episode at this session, none when it does not."""
    if not found:
        return ()
    codes = {signal.code: signal for signal in found}
    opening: list[Code] = []
    if Code.STEP in codes and Code.LEVEL in codes:
        opening += [Code.STEP, Code.LEVEL]
    opening += [c for c in (Code.PERSONAL, Code.SAID_SO) if c in codes and codes[c].grade is Grade.RUPTURE]
    return tuple(opening)


def open_episode(session: Session, by: tuple[Code, ...], usual: Baseline | None, lead_in: int | None) -> Episode:
    """A new episode: what was usual is kept, because the baseline stands still from here on."""
    return Episode(
        opened=session.number,
        opened_by=by,
        lead_in=lead_in,
        m_pre=usual.m if usual else None,
        s_pre=usual.s if usual else None,
        lowest=session.total,
        verdict=session.talked,
    )


def follow(episode: Episode, session: Session, rules: ReaderRules) -> Episode:
    """The episode after one more check-in that says something; closed when it is repaired."""
    followed = replace(episode, verdict=session.talked or episode.verdict)
    if episode.m_pre is None or episode.s_pre is None:
        return _follow_words(followed, session, rules)
    if session.total is None:
        return followed  # words alone do not move an episode that has numbers to return to
    return _follow_numbers(followed, session, session.total, episode.m_pre, episode.s_pre, rules)


def _follow_numbers(
    episode: Episode, session: Session, x: float, m_pre: float, s_pre: float, rules: ReaderRules
) -> Episode:
    lowest = x if episode.lowest is None else min(episode.lowest, x)
    followed = replace(episode, k=episode.k + 1, lowest=lowest)
    still_strained = session.said is SaidSo.YES and session.talked is not Talked.BETTER
    if x >= m_pre - rules.tolerance * s_pre and not still_strained:
        return _repaired(followed, session)
    fall = m_pre - lowest
    # Where nothing fell there is no way back to be half-way on: the words alone opened it.
    half_way = fall > 0 and x - lowest >= rules.half_way * fall
    return replace(followed, state=_unrepaired_or(State.REPAIRING if half_way else State.RUPTURE, followed, rules))


def _follow_words(episode: Episode, session: Session, rules: ReaderRules) -> Episode:
    lowest = episode.lowest
    if session.total is not None:
        lowest = session.total if lowest is None else min(lowest, session.total)
    followed = replace(episode, k=episode.k + 1, lowest=lowest)
    if session.said is SaidSo.NO or session.talked is Talked.BETTER:
        return _repaired(followed, session)
    return replace(followed, state=_unrepaired_or(State.RUPTURE, followed, rules))


def _unrepaired_or(state: State, episode: Episode, rules: ReaderRules) -> State:
    return State.UNREPAIRED if episode.k >= rules.repair_window else state


def _repaired(episode: Episode, session: Session) -> Episode:
    late = episode.state is State.UNREPAIRED
    return replace(
        episode,
        state=State.REPAIRED,
        late=late,
        closed=session.number,
        close_reason=REPAIRED,
        closed_by=BY_ANSWERS,
    )


def recognise(kept: Mapping[K, tuple[int, int | None]], read: Sequence[Episode]) -> dict[K, Episode | None]:
    """
    Tell which kept episode each newly read one is, after sessions were added or corrected.

    Args:
        kept: For each kept episode the numbers of its first and last session (None: open).
        read: The episodes as they read now.

    Returns:
        For each kept episode what it is now, or None if nothing is left of it. Episodes of
        `read` that are no one's are new. The same opening session comes first, then any overlap.
    """
    found: dict[K, Episode | None] = dict.fromkeys(kept)
    free = list(read)
    for exact in (True, False):
        for name, (first, last) in kept.items():
            if found[name] is not None:
                continue
            same = next((e for e in free if (e.opened == first if exact else _overlap(e, first, last))), None)
            if same is not None:
                found[name] = same
                free.remove(same)
    return found


def _overlap(episode: Episode, first: int, last: int | None) -> bool:
    return (last is None or episode.opened <= last) and (episode.closed is None or first <= episode.closed)
