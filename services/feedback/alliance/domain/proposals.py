"""Proposing a clinic's own starting spread: learnt from all, put in force by a person alone."""

from dataclasses import dataclass

from services.feedback.alliance.domain.rules import ReaderRules, with_sigma0
from services.feedback.alliance.domain.spread import ENOUGH_SESSIONS, Pooled

LEAST, MOST = 0.5, 50.0  # points; outside of these something else is wrong


@dataclass(frozen=True, slots=True)
class Proposal:
    """
    The clinic's own spread as far as it is known, and the rules it would make.

    `version` is None while there are too few sessions, and when it would change nothing.
    """

    sessions: int
    courses: int
    needed: int
    sigma0: float | None
    version: str | None


def proposal(found: Pooled | None, current: ReaderRules) -> Proposal:
    """
    What this clinic's check-ins propose.

    The value never enters a reading by itself: one more client would then change what is
    said about another. It becomes part of a version's name when somebody switches it on.
    """
    if found is None:
        return Proposal(0, 0, ENOUGH_SESSIONS, None, None)
    sigma0 = round(found.sd, 1)
    enough = found.sessions >= ENOUGH_SESSIONS and LEAST <= sigma0 <= MOST
    version = with_sigma0(current.version, sigma0)
    return Proposal(
        found.sessions,
        found.courses,
        ENOUGH_SESSIONS,
        sigma0 if enough else None,
        version if enough and version != current.version and sigma0 != current.sigma0 else None,
    )
