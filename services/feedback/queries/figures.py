"""The clinic's figures: how forms come back, for who runs it; ruptures and outcome, for the clinical lead."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from services.feedback.domain import figures
from services.feedback.domain.figures import Completion, Counted, Days, FinishedEpisode, Share, Span
from services.feedback.domain.periods import Period, counted_until, quarter_of
from services.feedback.domain.releasing import Withheld
from services.feedback.queries.outcome_figures import OutcomeFigures, outcome_figures
from services.feedback.store import figures as store
from shared.database import Row, Tx
from shared.scope import Scope
from shared.security import audit


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
    end = min(_midnight(period.last_day + timedelta(days=1)), counted_until(now))
    start = _midnight(period.first_day)
    year = {
        "since": _midnight(date(period.year, 1, 1)),
        "until": min(_midnight(date(period.year + 1, 1, 1)), counted_until(now)),
    }
    span = Span(period.quarters, quarter_of(now) if now.astimezone(UTC).year == period.year else None)
    clients, why = figures.rounded_clients(*store.clients_seen(tx, scope, since=start, until=end))
    return ClinicFigures(
        period=period,
        counted_to=max(period.first_day, (end - timedelta(days=1)).date()),
        is_over=period.last_day < counted_until(now).date(),
        clients=clients,
        clients_why=why,
        completion=_completion(store.forms_of_year(tx, scope, **year), span),
        alliance=_alliance(store.episodes_of_year(tx, scope, **year), span) if leads else None,
        outcome=outcome_figures(tx, span, **year, seen_by=counted_until(now), scope=scope) if leads else None,
    )


def _completion(rows: list[Row], span: Span) -> list[Completion]:
    tables: dict[tuple[str, str], list[Counted]] = defaultdict(list)
    for row in rows:
        counted = Counted(row["quarter"], row["practitioner_id"], row["cell"], row["n"])
        tables[row["side"], row["moment"]].append(counted)
    return [figures.completion(side, moment, counted, span) for (side, moment), counted in sorted(tables.items())]


def _alliance(rows: list[Row], span: Span) -> Alliance:
    episodes = [
        FinishedEpisode(
            quarter=quarter_of(row["opened_at"]),
            practitioner_id=row["practitioner_id"],
            close_reason=row["close_reason"],
            checkins=row["checkins"],
            talked_about=row["talked_about"],
            days=row["days"],
        )
        for row in rows
    ]
    return Alliance(
        figures.repair(episodes, span), figures.days_to_repair(episodes, span), figures.talked_about(episodes, span)
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
