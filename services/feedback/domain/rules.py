"""The reader's parameters: one versioned set, kept with every reading so that any of them can be replayed."""

from dataclasses import dataclass, replace

from services.feedback.domain.measures import Measure


@dataclass(frozen=True, slots=True)
class ReaderRules:
    """
    What the reader goes by. Ours, and validated by nobody: prompts to talk, not findings.

    `sigma0` is the standard deviation within one client that we expect before knowing
    them, in points; it is a starting value and not published anywhere. `maximum`
    is the top of the scale; `cut` a published threshold, None where there is none.
    """

    version: str
    sigma0: float
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


def rules_for(measure: Measure) -> ReaderRules:
    """The parameter set in force for a measure of this project."""
    return replace(
        PROJECT_FORM,
        maximum=measure.scoring.maximum,
        cut=measure.cut,
        items=len(measure.scoring.items),
        needed=measure.scoring.needed,
    )
