"""What the clinic says about a crisis, and the risk answers that somebody has to read."""

from datetime import datetime
from typing import Any

from services.feedback.care.domain.clients import NO_CODE
from services.feedback.risk import store
from services.feedback.risk import store as risk
from services.feedback.risk.domain.crisis import CrisisInformation
from services.feedback.risk.domain.risk_answers import asks_about_hurting_oneself
from shared.database import Row, Tx
from shared.scope import Scope
from shared.security import audit


def crisis_information(tx: Tx, *, scope: Scope) -> CrisisInformation | None:
    """What the clinic entered, None before it did."""
    return store.current_crisis_information(tx, scope)


def risk_answers(
    tx: Tx, wanted: dict[str, Any], *, after: tuple[str, ...] | None, limit: int, scope: Scope, now: datetime
) -> list[Row]:
    """Risk answers, oldest first: which question, which answer, since when and by when."""
    rows = risk.list_risk_answers(tx, scope, wanted, after=after, limit=limit)
    if rows:
        about = list(dict.fromkeys(row["client_id"] for row in rows))
        audit.record(tx, scope, "risk_answers.read", about=about, fields=["raised", "unanswered"], now=now)
    return [
        row
        | {
            "spoken_code": row["spoken_code"] or NO_CODE,
            "raised": [{"item": item, "answer": answer} for item, answer in row["raised"].items()],
            "about_oneself": asks_about_hurting_oneself(row["measure_id"], row["raised"] or row["unanswered"]),
            "template": _template(row),
        }
        for row in rows
    ]


def _template(row: Row) -> str:
    if row["state"] in ("acknowledged", "overdue"):
        return f"risk_{row['state']}"
    name = "risk_answer" if row["raised"] else "risk_unanswered"
    about_oneself = asks_about_hurting_oneself(row["measure_id"], row["raised"] or row["unanswered"])
    return name if about_oneself else f"{name}_other"
