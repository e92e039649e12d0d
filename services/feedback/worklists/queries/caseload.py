"""Who needs a conversation first, and why."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.feedback.alliance.domain.details import sentence_from
from services.feedback.alliance.domain.sentences import Sentence
from services.feedback.alliance.domain.series import State
from services.feedback.alliance.domain.signals import signals_for
from services.feedback.care.store.visibility import treats
from services.feedback.measures.store import definitions
from services.feedback.outcome.queries import OutcomeNow, outcomes_now
from services.feedback.worklists.domain.caseload import Reason, Standing, needs_conversation, order_key, reasons
from services.feedback.worklists.store import caseload as store
from services.feedback.worklists.store.caseload import CaseRow
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit

LIMIT_MOST = 200
_NOT_STARTED = Sentence("not_started")


@dataclass(frozen=True, slots=True)
class Case:
    """One client's place in a caseload; `state` is None before anything could be read."""

    client_id: UUID
    spoken_code: str
    practitioner_id: UUID
    course_id: UUID | None
    state: State | None
    sentence: Sentence
    needs_conversation: bool
    reasons: list[Reason]
    sessions: int
    last_recorded_at: datetime | None
    episode_id: UUID | None
    episode_version: int | None
    conversation_held: bool | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """Some of a caseload in its order; `next_after` continues it, None at its end."""

    cases: list[Case]
    next_after: tuple[str, ...] | None = None


def caseload(
    tx: Tx,
    practitioner_id: UUID | None,
    *,
    after: tuple[str, ...] | None = None,
    limit: int = LIMIT_MOST,
    scope: Scope,
    now: datetime,
) -> CasePage:
    """
    Everyone in a caseload (None: all the asker may see), who needs a conversation first coming first.

    A page begins after the place in the order that `after` names, so that nobody is left out
    or shown twice because somebody else's course was read in between.
    """
    rows = store.in_order(
        tx, scope, practitioner_id, definitions.outcome_versions(), after=after, limit=limit + 1, now=now
    )
    shown = rows[:limit]
    about = [row.client_id for row in shown]
    outcomes = outcomes_now(tx, about, scope=scope, now=now)
    cases = [_case(row, outcomes.get(row.client_id), scope) for row in shown]
    if shown:
        audit.record(
            tx, scope, "caseload.read", about=about, fields=["state", "signals", "episode", "outcome"], now=now
        )
    return CasePage(cases, _place(cases[-1], shown[-1]) if len(rows) > len(shown) else None)


def _place(case: Case, row: CaseRow) -> tuple[str, ...]:
    return tuple(map(str, order_key(case.reasons, row.since, f"{case.spoken_code} {case.client_id}")))


def _case(row: CaseRow, outcome: OutcomeNow | None, scope: Scope) -> Case:
    standing = standing_of(row, is_their_therapist=treats(scope, row.practitioner_id))
    why = reasons(replace(standing, worse=outcome.worse) if outcome else standing)
    return Case(
        client_id=row.client_id,
        spoken_code=row.spoken_code,
        practitioner_id=row.practitioner_id,
        course_id=row.course_id,
        state=standing.state,
        sentence=standing.sentence,
        needs_conversation=needs_conversation(why),
        reasons=why,
        sessions=row.sessions,
        last_recorded_at=row.last_recorded_at,
        episode_id=row.episode_id,
        episode_version=row.episode_version,
        conversation_held=row.conversation_held if row.episode_id else None,
    )


def standing_of(row: CaseRow, *, is_their_therapist: bool) -> Standing:
    """A row of the store as the domain takes it, without what is for the therapist alone."""
    sentence = sentence_from(row.sentence) if row.sentence else _NOT_STARTED
    signals = signals_for(row.signals, is_their_therapist=is_their_therapist)
    return Standing(
        state=None if row.state is None or sentence.template == "not_started" else State(row.state),
        sentence=sentence,
        signals=[(signal["code"], sentence_from(signal)) for signal in signals],
        episode_open=row.episode_id is not None,
        conversation_held=row.conversation_held,
        talked=row.verdict,
        wish_open=row.wish_open,
    )
