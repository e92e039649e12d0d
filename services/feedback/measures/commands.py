"""Bringing the words of a measure into the clinic."""

from datetime import datetime

from services.feedback.measures.domain import content_hash
from services.feedback.measures.domain.imports import Brought, take_wording
from services.feedback.measures.domain.model import MeasureUnknown
from services.feedback.measures.store import definitions
from services.feedback.measures.store.wordings import add_wording
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit


def import_wording(tx: Tx, measure_id: str, brought: Brought, *, scope: Scope, now: datetime) -> None:
    """
    Keep the words of a measure that the clinic is licensed to use; forms show them from now on.

    What was answered under earlier words stays as it is, and those words are kept.

    Raises:
        MeasureUnknown, WordingRefused.
    """
    measure = definitions.measures().get(measure_id)
    if measure is None:
        raise MeasureUnknown("There is no such measure.")
    wording = take_wording(measure, brought)
    audit.record(tx, scope, "measure.wording_imported", about=[], fields=["words", "context"], now=now)
    made = content_hash(wording)
    add_wording(tx, measure, wording, content_hash=made, permission=brought.permission, by=scope.actor, now=now)
