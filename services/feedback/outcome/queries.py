"""Outcome: how a client's answers on each outcome measure have moved since this treatment began."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.feedback.alliance.domain.sentences import Sentence
from services.feedback.alliance.store import courses
from services.feedback.care.domain.clients import NO_CODE, ClientUnknown
from services.feedback.care.domain.days import local_day
from services.feedback.measures.domain import Measure
from services.feedback.measures.domain.model import MeasureUnknown
from services.feedback.measures.store import definitions
from services.feedback.outcome.domain.change import Category, change_of
from services.feedback.outcome.domain.expected import (
    Curve,
    NoCurve,
    WhyNone,
    curve_of,
    start_band_of,
    starts_in,
    without,
)
from services.feedback.outcome.domain.history import OutcomePoint, comparable, history_of
from services.feedback.outcome.domain.measured import (
    MeasureOutcome,
    PairOutcome,
    measure_outcome,
    pair_outcome,
    version_in_force,
)
from services.feedback.outcome.domain.reading import said_of
from services.feedback.outcome.store import finished_cases as finished
from services.feedback.outcome.store import outcomes
from services.feedback.outcome.store.outcomes import FirstAndLast
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit

FIELDS = ("totals", "answers", "outcome")


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """Everything about a client's outcome; `since` is the day of the treatment's first session."""

    client_id: UUID
    spoken_code: str
    practitioner_id: UUID
    since: date | None
    sessions: int
    measures: Sequence[MeasureOutcome]
    pair: PairOutcome | None


def outcome_of(tx: Tx, client_id: UUID, *, scope: Scope, now: datetime) -> OutcomeView:
    """
    The outcome of a client's present treatment, across therapists; no measures before one was offered.

    Raises:
        ClientUnknown: also for a colleague's client: that they are here is itself private.
    """
    standing = courses.standing_of(tx, scope, client_id)
    if standing is None:
        raise ClientUnknown("There is no such client.")
    audit.record(tx, scope, "outcome.read", about=[client_id], fields=FIELDS, now=now)
    known = list(definitions.outcome_measures())
    hours = outcomes.treatment_hours(tx, scope, client_id, known)
    forms = outcomes.forms_of(tx, scope, client_id, known, now=now)
    histories = {measure_id: history_of(hours, found) for measure_id, found in forms.items()}
    measures = [
        _outcome(tx, measure_id, version, points, client_id, scope=scope)
        for measure_id, points in histories.items()
        if (version := version_in_force(points)) is not None
    ]
    return OutcomeView(
        client_id=client_id,
        spoken_code=standing.spoken_code or NO_CODE,
        practitioner_id=standing.practitioner_id,
        since=local_day(hours[0].starts_at, tx.zone) if hours else None,
        sessions=len(hours),
        measures=measures,
        pair=pair_outcome({found.measure.id: found for found in measures}),
    )


def _outcome(
    tx: Tx,
    measure_id: str,
    version: int,
    points: Sequence[OutcomePoint],
    client_id: UUID,
    *,
    scope: Scope,
) -> MeasureOutcome:
    measure = definitions.worded(tx, scope, measure_id, version)
    curve = _curve(tx, measure, points, client_id, scope=scope)
    return measure_outcome(measure, points, curve)


def _curve(
    tx: Tx, measure: Measure, points: Sequence[OutcomePoint], client_id: UUID, *, scope: Scope
) -> Curve | NoCurve | None:
    """From what was last counted of finished cases, this client's own earlier treatments left out."""
    totals, _ = comparable(points)
    if not totals:
        return None
    band = start_band_of(totals[0].total, measure.evidence)
    if band is None:
        return NoCurve(0, WhyNone.NO_BANDS)
    known = (measure.id, measure.version)
    own = [case for case in finished.kept_cases_of(tx, scope, client_id, *known) if starts_in(band, case)]
    similar = finished.similar_cases(tx, scope, *known, band)
    return curve_of(band, without(similar, own), measure.evidence.better)


@dataclass(frozen=True, slots=True)
class OutcomeNow:
    """
    One client's outcome, as far as a list needs it; only clients with two totals to compare have one.

    `worse`: what is said of each measure that is reliably worse than at the start.
    `worse_at`: the session of the latest answers that say so.
    """

    worse: tuple[Sentence, ...] = ()
    worse_at: datetime | None = None


def outcomes_now(tx: Tx, client_ids: Sequence[UUID], *, scope: Scope, now: datetime) -> dict[UUID, OutcomeNow]:
    """The outcome of these clients in their present treatments, as far as the scope opens them."""
    if not client_ids:
        return {}
    rows = outcomes.first_and_last(tx, scope, client_ids, list(definitions.outcome_measures()), now=now)
    in_force = {(row.client_id, row.measure_id): row for row in rows}  # the latest version stands last
    found: dict[UUID, OutcomeNow] = {}
    for (client_id, _), row in in_force.items():
        if row.totals > 1:
            found[client_id] = _with(found.get(client_id, OutcomeNow()), row)
    return found


def _with(known: OutcomeNow, row: FirstAndLast) -> OutcomeNow:
    try:
        measure = definitions.measure(row.measure_id, row.measure_version)
    except MeasureUnknown:  # taken with a version that this program does not have: no reason to withhold a whole list
        return known
    change = change_of(row.first, row.last, measure.evidence)
    if change is None or change.category is not Category.DETERIORATED:
        return known
    sentence = said_of(measure.short_name, change, measure.evidence)
    latest = max(known.worse_at or row.last_at, row.last_at)
    return replace(known, worse=(*known.worse, sentence), worse_at=latest)
