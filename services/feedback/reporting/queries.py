"""The clinic's figures: how forms come back, for who runs it; ruptures and outcome, for the clinical lead."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from services.feedback.care.domain.days import days_between, local_day, midnight
from services.feedback.measures.domain import Measure
from services.feedback.measures.domain.model import MeasureUnknown
from services.feedback.measures.store import definitions
from services.feedback.outcome.domain.nhs import Paired
from services.feedback.outcome.store import finished_cases as finished
from services.feedback.outcome.store.finished_cases import TreatmentOnMeasure
from services.feedback.reporting import store
from services.feedback.reporting.domain import figures
from services.feedback.reporting.domain.disclosure_control import Withheld
from services.feedback.reporting.domain.figures import Completion, Counted, Days, FinishedEpisode, Share, Span
from services.feedback.reporting.domain.outcome_figures import (
    FinishedTreatment,
    MeasureFigures,
    NhsFigures,
    measure_figures,
    nhs_figures,
)
from services.feedback.reporting.domain.periods import Period, counted_until, quarter_of
from services.feedback.reporting.store import EpisodeRow, FormCount
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit


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


def _treatments(rows: list[TreatmentOnMeasure], zone: tzinfo) -> list[FinishedTreatment]:
    latest = {(row.treatment, row.measure_id): row for row in rows}  # the latest version stands last
    found: dict[int, FinishedTreatment] = {}
    for (treatment, measure_id), row in latest.items():
        if row.totals < 2:
            continue
        one = found.setdefault(
            treatment, FinishedTreatment(quarter_of(row.ended_at, zone), row.practitioner_id, row.sessions, {})
        )
        one.paired[measure_id, row.measure_version] = Paired(row.first, row.last)
    return list(found.values())


def _measure(measure_id: str, version: int) -> Measure | None:
    try:
        return definitions.measure(measure_id, version)
    except MeasureUnknown:  # taken with a version that this program does not have: no reason to withhold all others
        return None


@dataclass(frozen=True, slots=True)
class Alliance:
    """What became of ruptures that opened in the period."""

    repair: Share
    days_to_repair: Days
    talked_about: Share


@dataclass(frozen=True, slots=True)
class ClinicFigures:
    """
    `counted_to` is the last day that is in them.

    `alliance` and `outcome` are None for who runs the clinic without treating.
    """

    period: Period
    counted_to: date
    is_over: bool
    clients: int | None
    clients_why: Withheld | None
    completion: list[Completion]
    alliance: Alliance | None
    outcome: OutcomeFigures | None


def clinic_figures(tx: Tx, period: Period, *, scope: Scope, now: datetime) -> ClinicFigures:
    """The figures of a whole quarter or year, as far as the asker's roles go."""
    leads = scope.has("clinical_lead")
    fields = ["completion", "alliance", "outcome"] if leads else ["completion"]
    audit.record(tx, scope, "clinic.figures_read", about=[], fields=fields, now=now)
    counted = counted_until(now, tx.zone)
    end = min(midnight(period.last_day + timedelta(days=1), tx.zone), counted)
    start = midnight(period.first_day, tx.zone)
    quarters = [midnight(date(period.year, month, 1), tx.zone) for month in (1, 4, 7, 10)]
    year = {
        "since": quarters[0],
        "until": min(midnight(date(period.year + 1, 1, 1), tx.zone), counted),
    }
    is_this_year = local_day(now, tx.zone).year == period.year
    span = Span(period.quarters, quarter_of(now, tx.zone) if is_this_year else None)
    clients, why = figures.rounded_clients(*store.clients_seen(tx, scope, since=start, until=end))
    return ClinicFigures(
        period=period,
        counted_to=max(period.first_day, local_day(end, tx.zone) - timedelta(days=1)),
        is_over=period.last_day < local_day(counted, tx.zone),
        clients=clients,
        clients_why=why,
        completion=_completion(store.forms_of_year(tx, scope, quarters=quarters, **year), span),
        alliance=_alliance(store.episodes_of_year(tx, scope, **year), span, tx.zone) if leads else None,
        outcome=outcome_figures(tx, span, **year, seen_by=counted, scope=scope) if leads else None,
    )


def _completion(rows: list[FormCount], span: Span) -> list[Completion]:
    tables: dict[tuple[str, str], list[Counted]] = defaultdict(list)
    for row in rows:
        counted = Counted(row.quarter, row.practitioner_id, row.cell, row.n)
        tables[row.side, row.moment].append(counted)
    return [figures.completion(side, moment, counted, span) for (side, moment), counted in sorted(tables.items())]


def _alliance(rows: list[EpisodeRow], span: Span, zone: tzinfo) -> Alliance:
    episodes = [
        FinishedEpisode(
            quarter=quarter_of(row.opened_at, zone),
            practitioner_id=row.practitioner_id,
            close_reason=row.close_reason,
            checkins=row.checkins,
            talked_about=row.talked_about,
            days=None if row.closed_at is None else days_between(row.opened_at, row.closed_at, zone),
        )
        for row in rows
    ]
    return Alliance(
        figures.repair(episodes, span), figures.days_to_repair(episodes, span), figures.talked_about(episodes, span)
    )
