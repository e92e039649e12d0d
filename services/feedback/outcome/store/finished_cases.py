"""Finished treatments: their shared totals, counted for curves and for the clinic's figures."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from services.feedback.outcome.domain.expected import FinishedCase, SimilarCases, StartBand
from services.feedback.outcome.domain.points import Scored
from shared.database import Row, Tx
from shared.scope import Scope

# A treatment ends with its therapy; a change of therapist ends none. Sessions are numbered from its first one.
# A total stands here only where its client shared it, and from when the therapist may see it.
_TOTALS = """
    ending AS (
        SELECT client_id, practitioner_id, ended_at,
               lag(ended_at, 1, '-infinity') OVER (PARTITION BY client_id ORDER BY ended_at) AS began_after
          FROM allocation WHERE end_reason = 'therapy_ended' AND %(may)s),
    held AS (
        SELECT e.client_id, e.practitioner_id, e.ended_at, h.appointment_id,
               row_number() OVER (PARTITION BY e.client_id, e.ended_at ORDER BY h.starts_at) AS number,
               count(*) OVER (PARTITION BY e.client_id, e.ended_at) AS sessions
          FROM ending e JOIN hour h ON h.client_id = e.client_id AND h.status = 'held'
               AND h.starts_at > e.began_after AND h.starts_at <= e.ended_at
         WHERE e.ended_at >= %(since)s::timestamptz AND e.ended_at < %(until)s::timestamptz),
    scored AS (
        SELECT t.client_id, t.practitioner_id, t.ended_at, t.number, t.sessions,
               o.measure_id, o.measure_version, c.total
          FROM held t JOIN offer o ON o.appointment_id = t.appointment_id AND o.client_id = t.client_id
               AND o.side = 'client' AND o.measure_id = ANY(%(measures)s)
          JOIN checkin c ON c.offer_id = o.id AND c.total IS NOT NULL AND c.visible_from <= %(seen_by)s)
"""


@dataclass(frozen=True, slots=True)
class KeptCase:
    """A finished case as it is kept for counting, by measure and version."""

    measure_id: str
    measure_version: int
    case: FinishedCase


@dataclass(frozen=True, slots=True)
class TreatmentOnMeasure:
    """First and last of `totals` totals of a treatment that ended, on one version of a measure."""

    treatment: int
    practitioner_id: UUID
    ended_at: datetime
    measure_id: str
    measure_version: int
    sessions: int
    totals: int
    first: float
    last: float


def outcomes_of_year(
    tx: Tx, scope: Scope, measures: Sequence[str], *, since: datetime, until: datetime, seen_by: datetime
) -> list[TreatmentOnMeasure]:
    """
    First and last total of each treatment that ended in this span, by measure and version, the latest version last.

    `treatment` tells treatments apart and is nobody's id; the therapist's goes no further than the counting.
    """
    return tx.rows_as(
        TreatmentOnMeasure,
        f"WITH {_TOTALS} "
        "SELECT dense_rank() OVER (ORDER BY ended_at, client_id)::int AS treatment, practitioner_id, ended_at, "
        "measure_id, measure_version, max(sessions)::int AS sessions, count(*)::int AS totals, "
        "(array_agg(total ORDER BY number))[1] AS first, (array_agg(total ORDER BY number DESC))[1] AS last "
        "FROM scored GROUP BY client_id, practitioner_id, ended_at, measure_id, measure_version "
        "ORDER BY treatment, measure_id, max(number)",
        {
            "measures": list(measures),
            "since": since,
            "until": until,
            "seen_by": seen_by,
            "may": scope.is_system or scope.has("clinical_lead"),
        },
    )


def keep_finished_cases(tx: Tx, scope: Scope, measures: Sequence[str], *, now: datetime) -> None:
    """Keep all finished cases as they stand now in place of those kept before; for this service's own work."""
    # Whoever counts at the same time waits; readers go on with what was counted before.
    tx.execute("LOCK TABLE finished_case IN SHARE ROW EXCLUSIVE MODE")
    tx.execute("SET LOCAL statement_timeout = '5min'")  # nobody waits for this; a request may run for seconds only
    tx.execute("DELETE FROM finished_case")
    tx.execute(
        f"WITH {_TOTALS} "
        "INSERT INTO finished_case (client_id, ended_at, measure_id, measure_version, sessions, numbers, totals) "
        "SELECT client_id, ended_at, measure_id, measure_version, max(sessions), array_agg(number ORDER BY number), "
        "array_agg(total ORDER BY number) FROM scored GROUP BY client_id, ended_at, measure_id, measure_version",
        {
            "measures": list(measures),
            "since": "-infinity",
            "until": "infinity",
            "seen_by": now,
            "may": scope.is_system,
        },
    )


def kept_cases(tx: Tx, scope: Scope) -> Iterator[KeptCase]:
    """All finished cases that are kept; for this service's own work."""
    rows = tx.stream(
        "SELECT measure_id, measure_version, sessions, numbers, totals FROM finished_case WHERE %(may)s",
        {"may": scope.is_system},
    )
    return (KeptCase(row["measure_id"], row["measure_version"], _case(row)) for row in rows)


def forget_similar_cases(tx: Tx) -> None:
    """Before all are counted anew."""
    tx.execute("DELETE FROM similar_cases")


def keep_similar_cases(
    tx: Tx, measure_id: str, version: int, band: StartBand, similar: SimilarCases, *, now: datetime
) -> None:
    """Keep the count of the cases of one band."""
    totals = [[number, total, n] for number, at in similar.totals.items() for total, n in at.items()]
    tx.execute(
        "INSERT INTO similar_cases (measure_id, measure_version, low, n, sessions, totals, made_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (measure_id, version, band.low, similar.n, Jsonb(list(similar.sessions.items())), Jsonb(totals), now),
    )


def similar_cases(tx: Tx, scope: Scope, measure_id: str, version: int, band: StartBand) -> SimilarCases:
    """
    The cases of one band as they were last counted; one row, however many they are.

    For whoever may read totals at all: nine in ten of at least fifty people say nothing of one.
    """
    row = tx.row(
        "SELECT n, sessions, totals FROM similar_cases WHERE measure_id = %(measure)s AND measure_version = "
        "%(version)s AND low IS NOT DISTINCT FROM %(low)s::double precision AND %(may)s",
        {"measure": measure_id, "version": version, "low": band.low, "may": _may_compare(scope)},
    )
    if row is None:
        return SimilarCases()
    totals: dict[int, dict[float, int]] = {}
    for number, total, n in row["totals"]:
        totals.setdefault(number, {})[float(total)] = n
    return SimilarCases(row["n"], dict(row["sessions"]), totals)


def kept_cases_of(tx: Tx, scope: Scope, client_id: UUID, measure_id: str, version: int) -> list[FinishedCase]:
    """One client's own finished cases among those that were counted, to leave them out."""
    rows = tx.rows(
        "SELECT sessions, numbers, totals FROM finished_case WHERE client_id = %(client)s AND measure_id = %(measure)s "
        "AND measure_version = %(version)s AND %(may)s",
        {"client": client_id, "measure": measure_id, "version": version, "may": _may_compare(scope)},
    )
    return [_case(row) for row in rows]


def _may_compare(scope: Scope) -> bool:
    return scope.is_system or scope.has("therapist", "clinical_lead")


def _case(row: Row) -> FinishedCase:
    return FinishedCase(tuple(map(Scored, row["numbers"], row["totals"])), row["sessions"])
