"""Who needs a conversation first, and why."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.alliance.domain.details import sentence_from
from services.feedback.alliance.domain.sentences import Sentence
from services.feedback.alliance.domain.series import State
from services.feedback.alliance.domain.signals import signals_for
from services.feedback.alliance.store import courses
from services.feedback.care.domain.clients import NO_CODE
from services.feedback.care.store.visibility import treats
from services.feedback.outcome.queries import OutcomeNow, outcomes_now
from services.feedback.worklists.domain.caseload import Reason, Standing, needs_conversation, order_key, reasons
from shared.database import Row, Tx
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
    rows = courses.caseload(tx, scope, practitioner_id)
    outcomes = outcomes_now(tx, [row["client_id"] for row in rows], scope=scope, now=now)
    placed = [_placed(row, outcomes.get(row["client_id"]), scope) for row in rows]
    placed.sort(key=lambda pair: pair[0])
    if after is not None:
        begin = (int(after[0]), float(after[1]), after[2])
        placed = [pair for pair in placed if pair[0] > begin]
    shown = placed[:limit]
    if shown:
        about = [case.client_id for _, case in shown]
        audit.record(
            tx, scope, "caseload.read", about=about, fields=["state", "signals", "episode", "outcome"], now=now
        )
    more = tuple(map(str, shown[-1][0])) if len(placed) > len(shown) else None
    return CasePage([case for _, case in shown], more)


def _placed(row: Row, outcome: OutcomeNow | None, scope: Scope) -> tuple[tuple[int, float, str], Case]:
    case = _case(row, outcome, scope)
    return order_key(case.reasons, _since(row), f"{case.spoken_code} {case.client_id}"), case


def _case(row: Row, outcome: OutcomeNow | None, scope: Scope) -> Case:
    standing = standing_of(row, is_their_therapist=treats(scope, row["practitioner_id"]))
    why = reasons(replace(standing, worse=outcome.worse) if outcome else standing)
    has_episode = row["episode_id"] is not None
    return Case(
        client_id=row["client_id"],
        spoken_code=row["spoken_code"] or NO_CODE,
        practitioner_id=row["practitioner_id"],
        course_id=row["course_id"],
        state=standing.state,
        sentence=standing.sentence,
        needs_conversation=needs_conversation(why),
        reasons=why,
        sessions=row["sessions"],
        last_recorded_at=row["last_recorded_at"],
        episode_id=row["episode_id"],
        episode_version=row["episode_version"],
        conversation_held=row["conversation_held_on"] is not None if has_episode else None,
    )


def standing_of(row: Row, *, is_their_therapist: bool) -> Standing:
    """A row of the store as the domain takes it, without what is for the therapist alone."""
    sentence = sentence_from(row["sentence"]) if row["sentence"] else _NOT_STARTED
    told: list[dict[str, Any]] = row["last_detail"]["signals"] if row["last_detail"] else []
    signals = signals_for(told, is_their_therapist=is_their_therapist)
    return Standing(
        state=None if sentence.template == "not_started" else State(row["state"]),
        sentence=sentence,
        signals=[(signal["code"], sentence_from(signal)) for signal in signals],
        episode_open=row["episode_id"] is not None,
        conversation_held=row["conversation_held_on"] is not None,
        talked=row["verdict"],
        wish_open=row["wish_open"],
    )


def _since(row: Row) -> datetime | None:
    since: datetime | None = row["episode_opened_at"] or row["last_recorded_at"]
    return since
