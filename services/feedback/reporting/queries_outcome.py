"""How treatments end, for the clinic's figures: what is kept of finished treatments, brought into their terms."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from services.feedback.domain.refusals import MeasureUnknown
from services.feedback.measures.domain import Measure
from services.feedback.measures.store import definitions
from services.feedback.outcome.domain.nhs import Paired
from services.feedback.outcome.store import finished_cases as finished
from services.feedback.reporting.domain.figures import Span
from services.feedback.reporting.domain.outcome_figures import (
    FinishedTreatment,
    MeasureFigures,
    NhsFigures,
    measure_figures,
    nhs_figures,
)
from services.feedback.reporting.domain.periods import quarter_of
from shared.database import Row, Tx
from shared.scope import Scope


@dataclass(frozen=True, slots=True)
class OutcomeFigures:
    """Each measure of which a treatment that ended in this year has two totals; `nhs` where two go together."""

    measures: list[MeasureFigures]
    nhs: NhsFigures | None


def outcome_figures(
    tx: Tx, span: Span, *, since: datetime, until: datetime, seen_by: datetime, scope: Scope
) -> OutcomeFigures:
    """
    The figures of treatments that ended in a part of the year from `since` to `until`.

    Of answers only what was shared and could be seen at `seen_by`.
    """
    wanted = list(definitions.outcome_measures())
    rows = finished.outcomes_of_year(tx, scope, wanted, since=since, until=until, seen_by=seen_by)
    treatments = _treatments(rows, tx.zone)
    known = {key for one in treatments for key in one.paired}
    return OutcomeFigures(
        measures=[
            measure_figures(measure, treatments, span)
            for key in sorted(known)
            if (measure := _measure(*key)) is not None
        ],
        nhs=nhs_figures(treatments, span),
    )


def _treatments(rows: list[Row], zone: tzinfo) -> list[FinishedTreatment]:
    latest = {(row["treatment"], row["measure_id"]): row for row in rows}  # the latest version stands last
    found: dict[int, FinishedTreatment] = {}
    for (treatment, measure_id), row in latest.items():
        if row["totals"] < 2:
            continue
        one = found.setdefault(
            treatment, FinishedTreatment(quarter_of(row["ended_at"], zone), row["practitioner_id"], row["sessions"], {})
        )
        one.paired[measure_id, row["measure_version"]] = Paired(row["first"], row["last"])
    return list(found.values())


def _measure(measure_id: str, version: int) -> Measure | None:
    try:
        return definitions.measure(measure_id, version)
    except MeasureUnknown:  # taken with a version that this program does not have: no reason to withhold all others
        return None
