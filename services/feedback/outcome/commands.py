"""Counting the clinic's finished cases, so that a curve for one client is one row to read."""

from collections import defaultdict
from datetime import datetime

from services.feedback.measures.domain.model import MeasureUnknown
from services.feedback.measures.store import definitions
from services.feedback.outcome.domain.expected import FinishedCase, StartBand, counted, start_band_of
from services.feedback.outcome.store import finished_cases as finished
from shared.database import Tx
from shared.scope import Scope


def count_finished_cases(tx: Tx, *, scope: Scope, now: datetime) -> None:
    """
    Count all finished cases anew, by measure, version and start.

    Nothing is added to an older count: what was corrected, released, or not held after all
    since then cannot linger in it, and what was never shared is not in it.
    """
    finished.keep_finished_cases(tx, scope, list(definitions.outcome_measures()), now=now)
    bands: dict[tuple[str, int, StartBand], list[FinishedCase]] = defaultdict(list)
    for kept in finished.kept_cases(tx, scope):
        try:
            evidence = definitions.measure(kept.measure_id, kept.measure_version).evidence
        except MeasureUnknown:  # taken with a version that this program does not have: nobody is compared by it
            continue
        band = start_band_of(kept.case.points[0].total, evidence)
        if band is not None:
            bands[kept.measure_id, kept.measure_version, band].append(kept.case)
    finished.forget_similar_cases(tx)
    for (measure_id, version, band), cases in bands.items():
        finished.keep_similar_cases(tx, measure_id, version, band, counted(cases), now=now)
