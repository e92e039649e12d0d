"""One client's record to be taken along: as FHIR, and as the client's own copy."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from services.feedback.alliance.store import courses
from services.feedback.care.domain.clients import ClientUnknown
from services.feedback.care.domain.days import local_day
from services.feedback.care.store.visibility import note_opened, treats
from services.feedback.exports import store
from services.feedback.exports.domain.csv.rows import ABOUT_SHARING
from services.feedback.exports.domain.fhir.bundles import SharedForm, bundle
from services.feedback.exports.store import SharedCheckin
from services.feedback.measures.domain import Item, Measure, Side
from services.feedback.measures.domain.scoring import score
from services.feedback.measures.store import definitions
from services.feedback.wishes import store as wishes
from shared.database import Tx
from shared.ids import uuid7
from shared.scope import Scope
from shared.security import audit


@dataclass(frozen=True, slots=True)
class Copy:
    """What a client wrote and shares. `kept_back` forms stay with the client's choice: staff hand this over."""

    client_id: UUID
    made_at: datetime
    check_ins: list[dict[str, Any]]
    wishes: list[dict[str, Any]]
    kept_back: int


def fhir_of(tx: Tx, client_id: UUID, reason: str, *, scope: Scope, now: datetime) -> dict[str, Any]:
    """
    The client's work with their present therapist as a FHIR bundle; noted with its reason.

    Raises:
        ClientUnknown: also for a colleague's client.
    """
    therapist = _therapist(tx, client_id, scope)
    rows = store.shared_forms(tx, scope, client_id, therapist, now=now)
    _note(tx, scope, client_id, "file=fhir", reason, len(rows), now)
    return bundle(uuid7(), client_id, [_form(row) for row in rows], now=now)


def copy_of(tx: Tx, client_id: UUID, reason: str, *, scope: Scope, now: datetime) -> Copy:
    """
    Everything the client wrote to their present therapist, for the client; noted with its reason.

    What the client does not share is counted and left out: whoever hands the copy over
    would read it. Wishes have words for the therapist they were written to alone.

    Raises:
        ClientUnknown: also for a colleague's client.
    """
    therapist = _therapist(tx, client_id, scope)
    rows = [row for row in store.shared_forms(tx, scope, client_id, therapist, now=now) if row.side == Side.CLIENT]
    _note(tx, scope, client_id, "file=copy", reason, len(rows), now)
    may_read = treats(scope, therapist)
    found = wishes.shared_wishes(tx, scope, client_id, therapist)
    return Copy(
        client_id,
        now,
        check_ins=[_check_in(row, tx.zone) for row in rows],
        wishes=[
            {
                "id": wish.id,
                "starts_at": wish.starts_at,
                "state": wish.state,
                "text": wishes.words_of(tx, wish) if may_read else None,
            }
            for wish in found
        ],
        kept_back=store.kept_back(tx, scope, client_id, therapist, now=now),
    )


def _therapist(tx: Tx, client_id: UUID, scope: Scope) -> UUID:
    standing = courses.standing_of(tx, scope, client_id)
    if standing is None:
        raise ClientUnknown("There is no such client.")
    return standing.practitioner_id


def _note(tx: Tx, scope: Scope, client_id: UUID, what: str, reason: str, forms: int, now: datetime) -> None:
    fields = ("export", what, f"reason={reason}", f"forms={forms}")
    audit.record(tx, scope, "export.made", about=[client_id], fields=fields, now=now)
    note_opened(tx, scope, [client_id], now=now)


def _form(row: SharedCheckin) -> SharedForm:
    measure = definitions.measure(row.measure_id, row.measure_version)
    return SharedForm(
        id=row.offer_id,
        measure=measure,
        practitioner_id=row.practitioner_id,
        starts_at=row.starts_at,
        recorded_at=row.recorded_at,
        answers=row.answers,
        total=row.total,
        prorated=row.total is not None and not row.total_only and score(measure, row.answers).prorated,
        corrected=row.version > 1,
    )


def _check_in(row: SharedCheckin, zone: tzinfo) -> dict[str, Any]:
    measure = definitions.measure(row.measure_id, row.measure_version)
    return {
        "session_date": local_day(row.starts_at, zone),
        "sent_at": row.recorded_at,
        "measure_id": measure.id,
        "measure_version": measure.version,
        "name": measure.name,
        "label": measure.client_label or measure.label,
        "shared": row.sharing,
        "answers": [
            _answer(measure, item, row.answers[item.id])
            for item in measure.items
            if item.id in row.answers and item.part not in ABOUT_SHARING
        ],
    }


def _answer(measure: Measure, item: Item, value: Any) -> dict[str, Any]:
    worded = measure.licence.licence_class.ships_wording
    text = next((option.text for option in item.options if option.code == str(value)), None)
    return {
        "item": item.id,
        "question": item.text if worded else None,
        "answer": value,
        "in_words": text if worded else None,
    }
