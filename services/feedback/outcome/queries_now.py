"""How the outcome of many clients stands now, for lists: one question for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.feedback.alliance.domain.sentences import Sentence
from services.feedback.domain.refusals import MeasureUnknown
from services.feedback.measures.store import definitions
from services.feedback.outcome.domain.change import Category, change_of
from services.feedback.outcome.domain.reading import said_of
from services.feedback.outcome.store import outcomes
from shared.database import Row, Tx
from shared.scope import Scope


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
    in_force = {(row["client_id"], row["measure_id"]): row for row in rows}  # the latest version stands last
    found: dict[UUID, OutcomeNow] = {}
    for (client_id, _), row in in_force.items():
        if row["totals"] > 1:
            found[client_id] = _with(found.get(client_id, OutcomeNow()), row)
    return found


def _with(known: OutcomeNow, row: Row) -> OutcomeNow:
    try:
        measure = definitions.measure(row["measure_id"], row["measure_version"])
    except MeasureUnknown:  # taken with a version that this program does not have: no reason to withhold a whole list
        return known
    change = change_of(row["first"], row["last"], measure.evidence)
    if change is None or change.category is not Category.DETERIORATED:
        return known
    sentence = said_of(measure.short_name, change, measure.evidence)
    latest = max(known.worse_at or row["last_at"], row["last_at"])
    return replace(known, worse=(*known.worse, sentence), worse_at=latest)
