"""A caseload as it stands: everyone in it, or a page of it in the order of who needs a conversation first."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.feedback.alliance.domain.signals import FOR_THE_THERAPIST
from services.feedback.alliance.store.courses import ALLIANCE
from services.feedback.care.domain.clients import NO_CODE
from services.feedback.care.store.visibility import VISIBLE, clinical
from services.feedback.measures.domain import Measure
from services.feedback.outcome.domain.change import reliably_worse_from
from services.feedback.outcome.store.outcomes import BEGAN_AFTER, FIRST_AND_LAST
from services.feedback.worklists.domain import caseload as order
from shared.database import Tx
from shared.scope import Scope


@dataclass(frozen=True, slots=True)
class CaseRow:
    """
    One client of a caseload: how their course stands, and its open episode; `last_detail` is the latest reading's.

    Without a course of their own pair yet all of it is None.
    """

    client_id: UUID
    spoken_code: str
    practitioner_id: UUID
    course_id: UUID | None
    state: str | None
    sentence: Mapping[str, Any] | None
    sessions: int
    episode_id: UUID | None
    episode_version: int | None
    episode_opened_at: datetime | None
    verdict: str | None
    conversation_held: bool
    last_detail: Mapping[str, Any] | None
    last_recorded_at: datetime | None
    wish_open: bool

    @property
    def signals(self) -> Sequence[Mapping[str, Any]]:
        """Those of the latest reading, as they were kept."""
        return self.last_detail["signals"] if self.last_detail else ()

    @property
    def since(self) -> datetime | None:
        """Since when they have been waiting for a conversation."""
        return self.episode_opened_at or self.last_recorded_at


_EVERYONE = f"""
    SELECT t.client_id, coalesce(nullif(k.spoken_code, ''), %(no_code)s) AS spoken_code, t.practitioner_id,
           c.id AS course_id, c.state, c.sentence, coalesce(c.sessions, 0) AS sessions,
           e.id AS episode_id, e.version AS episode_version, e.opened_at AS episode_opened_at, e.verdict,
           e.conversation_held_on IS NOT NULL AS conversation_held, l.detail AS last_detail, r.last_recorded_at,
           w.id IS NOT NULL AS wish_open
      FROM allocation t
      LEFT JOIN client k ON k.client_id = t.client_id
      LEFT JOIN LATERAL {ALLIANCE}
      LEFT JOIN episode e ON e.course_id = c.id AND e.closed_at IS NULL
      LEFT JOIN wish w ON w.course_id = c.id AND w.state = 'open'
      LEFT JOIN LATERAL (SELECT detail FROM reading WHERE course_id = c.id AND superseded_at IS NULL
           AND detail ->> 'missing' IS DISTINCT FROM 'awaited' ORDER BY session_number DESC LIMIT 1) l ON true
      LEFT JOIN LATERAL (SELECT max(h.recorded_at) AS last_recorded_at FROM offer o
           JOIN checkin h ON h.offer_id = o.id AND h.side = 'client' AND h.shown
           WHERE o.course_id = c.id) r ON true
     WHERE t.ended_at IS NULL AND (%(practitioner)s::uuid IS NULL OR t.practitioner_id = %(practitioner)s)
       AND (%(client)s::uuid IS NULL OR t.client_id = %(client)s) AND {VISIBLE}"""

# The order of domain/caseload, from the numbers written there: `order.reasons` and `order.order_key` say it in words.
_IN_ORDER = f"""
    WITH everyone AS MATERIALIZED ({_EVERYONE}),
    began AS MATERIALIZED (SELECT t.client_id, {BEGAN_AFTER} AS after FROM everyone t),
    worse AS (
        SELECT DISTINCT f.client_id
          FROM (SELECT DISTINCT ON (m.client_id, m.measure_id) m.* FROM ({FIRST_AND_LAST}) m
                 ORDER BY m.client_id, m.measure_id, m.last_at DESC) f
          JOIN unnest(%(known)s::text[], %(versions)s::int[], %(signs)s::int[], %(limits)s::float8[])
               AS k (measure_id, version, sign, points) ON k.measure_id = f.measure_id AND k.version = f.measure_version
         WHERE f.totals > 1 AND k.sign * (f.first - f.last) >= k.points),
    placed AS (
        SELECT t.*, coalesce(t.episode_opened_at, t.last_recorded_at, 'infinity') AS since,
               (t.spoken_code || ' ' || t.client_id) COLLATE "C" AS tie,
               least(CASE WHEN NOT i.in_episode THEN NULL
                          WHEN NOT t.conversation_held AND t.verdict = ANY(%(unheard)s) THEN %(unheard_place)s
                          ELSE coalesce((%(episodes)s::jsonb ->> t.state)::int, %(other_episode)s)
                             + CASE WHEN t.conversation_held THEN %(talked)s ELSE 0 END END,
                     (SELECT min((%(signals)s::jsonb ->> (s ->> 'code'))::int)
                        FROM jsonb_array_elements(t.last_detail -> 'signals') s
                       WHERE (t.practitioner_id = %(asker)s::uuid OR s ->> 'code' <> ALL(%(for_the_therapist)s))
                         AND NOT (i.in_episode AND s ->> 'code' = ANY(%(of_the_episode)s))),
                     CASE WHEN w.client_id IS NOT NULL THEN %(deteriorated)s END,
                     CASE WHEN t.wish_open THEN %(wish)s END,
                     %(calm)s) AS place
          FROM everyone t
         CROSS JOIN LATERAL (SELECT t.episode_id IS NOT NULL AND t.sentence ->> 'template' <> 'not_started'
                                    AS in_episode) i
          LEFT JOIN worse w ON w.client_id = t.client_id)
    SELECT client_id, spoken_code, practitioner_id, course_id, state, sentence, sessions, episode_id, episode_version,
           episode_opened_at, verdict, conversation_held, last_detail, last_recorded_at, wish_open
      FROM placed
     WHERE %(place)s::int IS NULL OR (place, since, tie) > (%(place)s, to_timestamp(%(since)s::float8), %(tie)s)
     ORDER BY place, since, tie LIMIT %(limit)s"""

_PLACES = {
    "episodes": Jsonb(order.EPISODE_PLACES),
    "other_episode": order.OTHER_EPISODE_PLACE,
    "talked": order.TALKED_ABOUT,
    "unheard": list(order.UNHEARD),
    "unheard_place": order.UNHEARD_PLACE,
    "signals": Jsonb(order.SIGNAL_PLACES),
    "of_the_episode": list(order.OF_THE_EPISODE),
    "for_the_therapist": list(FOR_THE_THERAPIST),
    "deteriorated": order.DETERIORATED_PLACE,
    "wish": order.WISH_PLACE,
    "calm": order.CALM,
}


def everyone(tx: Tx, scope: Scope, practitioner_id: UUID | None, *, client_id: UUID | None = None) -> list[CaseRow]:
    """Everyone in a caseload (None: all that the scope opens), in no order; `client_id`: this one alone."""
    return [CaseRow(**row) for row in tx.rows(_EVERYONE, _whose(scope, practitioner_id, client_id))]


def in_order(
    tx: Tx,
    scope: Scope,
    practitioner_id: UUID | None,
    measures: Iterable[Measure],
    *,
    after: tuple[str, ...] | None,
    limit: int,
    now: datetime,
) -> list[CaseRow]:
    """
    Some of a caseload, who needs a conversation first coming first.

    `measures`: every version of every outcome measure, by which somebody may be reliably worse.
    `after`: the `order_key` that a page begins behind, as text.
    """
    place, since, tie = after or (None, None, None)
    limits = [(m, points) for m in measures if (points := reliably_worse_from(m.evidence)) is not None]
    return tx.rows_as(
        CaseRow,
        _IN_ORDER,
        {
            **_whose(scope, practitioner_id),
            **_PLACES,
            "measures": list({m.id for m, _ in limits}),
            "known": [m.id for m, _ in limits],
            "versions": [m.version for m, _ in limits],
            "signs": [m.evidence.better.sign for m, _ in limits],
            "limits": [points for _, points in limits],
            "asker": scope.actor if scope.has("therapist") else None,
            "place": place,
            "since": since,
            "tie": tie,
            "limit": limit,
            "now": now,
        },
    )


def _whose(scope: Scope, practitioner_id: UUID | None, client_id: UUID | None = None) -> dict[str, Any]:
    return {"practitioner": practitioner_id, "client": client_id, "no_code": NO_CODE, **clinical(scope)}
