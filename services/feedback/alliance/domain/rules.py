"""
The reader's parameters, in numbered versions, kept with every reading so that any of them can be replayed.

A version is never changed once it was in force anywhere: what reads differently is a new
one. Its name says all there is to know, so that a past reading can be replayed from it alone.
"""

import re
from dataclasses import dataclass, replace

from services.feedback.measures.domain import Measure


class RulesUnknown(LookupError):
    """No rules have this name."""


@dataclass(frozen=True, slots=True)
class ReaderRules:
    """
    What the reader goes by. Ours, and validated by nobody: prompts to talk, not findings.

    `sigma0` is the standard deviation within one client that we expect before knowing
    them, in points; it is a starting value and not published anywhere. None: there is no
    such value for this measure, and nothing is compared with a usual range. `maximum`
    is the top of the scale; `cut` a published threshold, None where there is none.
    """

    version: str
    sigma0: float | None
    maximum: float
    cut: float | None = None
    items: int = 5
    needed: int = 4
    nu0: float = 4.0  # how many sessions' worth the starting value weighs
    base_len: int = 8  # sessions
    band_width: float = 2.0  # prediction standard deviations on either side of usual
    step_k: float = 2.0  # sigma0 (S1)
    step_reach: int = 2  # sessions back to the one before (S1)
    z_rupture: float = -2.0  # S3
    z_strained: float = -1.25  # S3
    chart_min_n: int = 5  # sessions (S4)
    drift_min_n: int = 4  # valid sessions (S5)
    drift_max_n: int = 8  # valid sessions (S5)
    drift_k: float = 0.5  # sigma0 per session (S5)
    drift_rest: float | None = None  # of that slope, still to be there without the largest step (S5); None: not asked
    ceiling_share: float = 0.975  # of the maximum (S6)
    ceiling_run: int = 3  # equal totals (S6)
    unseen_z: float = 2.0  # therapist's z above the client's (S7)
    silence_run: int = 2  # offers in a row not returned (S8)
    silence_needs: int = 2  # returned before (S8)
    half_way: float = 0.5  # of the fall, for "on the way back"
    tolerance: float = 0.5  # of s before the rupture, for "back to usual"
    repair_window: int = 3  # valid sessions after the opening


# 8 of 100 points: a placeholder until a clinic's own spread is known.
PROJECT_FORM = ReaderRules(version="reader-1", sigma0=8.0, maximum=100.0)
# reader-1 said "slowly lower" after one single drop; from reader-2 on a drift has to be more than its largest step.
READER_2 = replace(PROJECT_FORM, version="reader-2", drift_rest=0.5)

RULES = {rules.version: rules for rules in (PROJECT_FORM, READER_2)}
NEWEST = READER_2.version
# Starting values by measure, in its points; placeholders of ours, published nowhere. A measure not here has none.
SIGMA0 = {"session-checkin": 8.0, "srs": 2.5}
LEARNT_FOR = "session-checkin"  # the measure whose starting value a clinic may replace by its own

_NAME = re.compile(r"(?P<base>reader-[1-9][0-9]{0,2})(?:\+sigma-(?P<tenths>[0-9]{1,2}\.[0-9]))?", re.ASCII)


def named(version: str) -> ReaderRules:
    """
    The parameter set of this name, as it is for the project's own form.

    `reader-2+sigma-7.4` is reader-2 with a starting spread of 7.4 points, learnt by a clinic.

    Raises:
        RulesUnknown: there never was such a version.

    >>> named("reader-2+sigma-7.4").sigma0
    7.4
    """
    found = _NAME.fullmatch(version)
    base = RULES.get(found["base"]) if found else None
    if found is None or base is None:
        raise RulesUnknown("There are no rules of this name.")
    if found["tenths"] is None:
        return base
    sigma0 = float(found["tenths"])
    if sigma0 <= 0:
        raise RulesUnknown("There are no rules of this name.")
    return replace(base, version=version, sigma0=sigma0)


def with_sigma0(version: str, sigma0: float) -> str:
    """
    The name of these rules with a clinic's own starting value, to a tenth of a point.

    >>> with_sigma0("reader-2+sigma-9.0", 7.44)
    'reader-2+sigma-7.4'
    """
    return f"{version.partition('+')[0]}+sigma-{sigma0:.1f}"


def is_placeholder(rules: ReaderRules) -> bool:
    """True while the starting spread is this project's and not the clinic's."""
    return rules.sigma0 is not None and "+sigma-" not in rules.version


def rules_for(measure: Measure, version: str) -> ReaderRules:
    """
    The parameter set of a version for one measure; raises RulesUnknown.

    A starting value that a clinic learnt belongs to the project's own form, where it was learnt.
    """
    rules = named(version)
    return replace(
        rules,
        sigma0=rules.sigma0 if measure.id == LEARNT_FOR else SIGMA0.get(measure.id),
        maximum=measure.scoring.maximum,
        cut=measure.cut,
        items=len(measure.scoring.items),
        needed=measure.scoring.needed,
    )


class RulesChanged(Exception):
    """The rules in force changed since they were read; read them again and decide anew."""


class RulesNotOffered(Exception):
    """These rules are neither this version's, nor proposed, nor were they in force before."""
