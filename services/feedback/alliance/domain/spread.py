"""The spread within clients: what a clinic's own check-ins say about it, and how a total splits in two."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from services.feedback.alliance.domain.rules import ReaderRules, with_sigma0

ENOUGH_SESSIONS = 200  # client-sessions, before a clinic's own spread is proposed


@dataclass(frozen=True, slots=True)
class CourseSpread:
    """One course: how many totals, and the sum of their squared distances from the course's own mean."""

    n: int
    squares: float


@dataclass(frozen=True, slots=True)
class Pooled:
    """The spread within a client, pooled over all courses with two totals or more; in points."""

    sd: float
    sessions: int
    courses: int


def pooled(courses: Iterable[CourseSpread]) -> Pooled | None:
    """
    Pooled within-client standard deviation: sqrt(sum of squares / sum of (n - 1)); None without any two totals.

    All totals count, those of ruptures too: what counts must not depend on the rules that
    the value is for, or each new value would shrink the next.

    >>> pooled([CourseSpread(3, 8.0), CourseSpread(2, 4.0)])
    Pooled(sd=2.0, sessions=5, courses=2)
    """
    counted = [course for course in courses if course.n >= 2]
    freedom = sum(course.n - 1 for course in counted)
    if not freedom:
        return None
    squares = math.fsum(course.squares for course in counted)
    return Pooled(math.sqrt(squares / freedom), sum(course.n for course in counted), len(counted))


@dataclass(frozen=True, slots=True)
class Split:
    """One total, split: `between` is the client's mean so far, `within` how far this session lies from it."""

    between: float
    within: float


def within_and_between(totals: Sequence[float]) -> list[Split]:
    """
    Split each total into the running mean of this client and the distance from it.

    The state-like part (within) is what goes with the session's outcome, the trait-like part
    (between) with the person. The mean runs, so that no value depends on a later session.

    Source:
        Zilcha-Mano et al. 2016, 2019 (docs/sources.md); the running mean is for use while
        a therapy goes on.

    >>> within_and_between([80.0, 60.0])
    [Split(between=80.0, within=0.0), Split(between=70.0, within=-10.0)]
    """
    return [Split(mean := fmean(totals[:n]), totals[n - 1] - mean) for n in range(1, len(totals) + 1)]


LEAST = 0.5  # points; outside of these something else is wrong


MOST = 50.0


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
