"""What the clinic says about a crisis, and the risk answers that somebody has to read."""

from datetime import datetime
from uuid import UUID

from services.feedback.risk import store
from services.feedback.risk.domain.crisis import CrisisInformation
from services.feedback.risk.domain.risk_answers import ListedRiskAnswer
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit


def crisis_information(tx: Tx, *, scope: Scope) -> CrisisInformation | None:
    """What the clinic entered, None before it did."""
    return store.current_crisis_information(tx, scope)


def risk_answers(
    tx: Tx,
    *,
    state: str | None,
    client_id: UUID | None,
    after: tuple[str, ...] | None,
    limit: int,
    scope: Scope,
    now: datetime,
) -> list[ListedRiskAnswer]:
    """Risk answers, oldest first: which question, which answer, since when and by when."""
    found = store.list_risk_answers(tx, scope, state=state, client_id=client_id, after=after, limit=limit)
    if found:
        about = list(dict.fromkeys(risk.client_id for risk in found))
        audit.record(tx, scope, "risk_answers.read", about=about, fields=["raised", "unanswered"], now=now)
    return found
