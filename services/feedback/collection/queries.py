"""Forms: what is offered, how a measure is worded, and the form as its writer sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.care.domain.clients import NO_CODE, ClientUnknown
from services.feedback.care.store.visibility import note_opened
from services.feedback.collection.domain.forms import FormState, FormUnknown, Position, hashed, packet_of
from services.feedback.collection.domain.offers import OfferUnknown
from services.feedback.collection.domain.plan import ClientPlan, Plan
from services.feedback.collection.store import checkins, links, offers, plans
from services.feedback.collection.store.kiosks import list_kiosks
from services.feedback.measures.domain import Measure
from services.feedback.measures.store import definitions
from services.feedback.risk import store
from services.feedback.risk.domain.crisis import CrisisInformation
from shared.database import Row, Tx
from shared.scope import Scope
from shared.security import audit


@dataclass(frozen=True, slots=True)
class FormView:
    """
    The next form of a packet as its writer sees it: no name, no history, no total; `measure` only while one is open.

    `risk_answered`: something that was sent in this browser asks for help, and the help page comes first.
    """

    state: FormState
    measure: Measure | None
    answers: Mapping[str, Any]
    expires_at: datetime
    crisis: CrisisInformation | None
    sharing: str | None = None
    position: Position | None = None
    risk_answered: bool = False


def list_offers(
    tx: Tx, wanted: dict[str, Any], *, after: tuple[str, ...] | None, limit: int, scope: Scope, now: datetime
) -> list[Row]:
    """That forms are out, for whom and until when; never what was answered."""
    rows = offers.list_offers(tx, scope, wanted, after=after, limit=limit)
    if rows:
        about = list(dict.fromkeys(row["client_id"] for row in rows))
        audit.record(tx, scope, "offers.read", about=about, fields=["state", "session_date"], now=now)
    return [row | {"spoken_code": row["spoken_code"] or NO_CODE} for row in rows]


def form(tx: Tx, handle: str, *, scope: Scope, now: datetime) -> FormView:
    """
    The next form of the packet behind a handle, with what its own browser has filled in so far.

    Raises:
        FormUnknown: no such handle.
    """
    rows = links.packet_of_handle(tx, scope, hashed(handle))
    if not rows:
        raise FormUnknown("This form cannot be opened any more.")
    packet = packet_of(rows)
    state, current = packet.state(now), packet.current(now)
    shown = store.current_crisis_information(tx, scope)
    asked_for_help = any(row["risk_answered"] for row in rows)
    if current is None:
        # The thanks say what the client chose on the session form, where it was part of the packet.
        said = [row for row in rows if row["sharing"] is not None]
        said.sort(key=lambda row: row["measure_id"] != definitions.CLIENT_FORM)
        expires_at = max(row["expires_at"] for row in rows)
        return FormView(
            state,
            None,
            {},
            expires_at,
            shown,
            sharing=said[0]["sharing"] if said else None,
            risk_answered=asked_for_help,
        )
    row = next(row for row in rows if row["id"] == current.offer_id)
    audit.record(tx, scope, "form.read", about=[row["client_id"]], fields=["answers"], now=now)
    measure = definitions.worded(tx, scope, row["measure_id"], row["measure_version"])
    asked = measure.asked(open_wish=row["wish_id"] is not None)
    draft = links.draft_of(tx, scope, row["id"], row["browser_id"], row["client_id"])
    return FormView(
        state,
        asked,
        draft,
        row["expires_at"],
        shown,
        position=packet.position(now),
        risk_answered=asked_for_help,
    )


def checkin(tx: Tx, offer_id: UUID, *, scope: Scope, now: datetime) -> Row:
    """An offer, what came back of it and what stood there before it was corrected; raises OfferUnknown."""
    found = checkins.checkin_read(tx, scope, offer_id)
    if found is None:
        raise OfferUnknown("There is no such check-in.")
    audit.record(tx, scope, "checkin.read", about=[found["client_id"]], fields=["answers", "total"], now=now)
    note_opened(tx, scope, [found["client_id"]], now=now)
    return found | {"earlier": checkins.earlier_versions(tx, scope, offer_id)}


def kiosks(tx: Tx, *, scope: Scope) -> list[Row]:
    """All kiosks, the newest first."""
    return list_kiosks(tx, scope)


def plan(tx: Tx, *, scope: Scope) -> Plan:
    """The clinic's plan."""
    return plans.current_plan(tx, scope)


def client_plan(tx: Tx, client_id: UUID, *, scope: Scope, now: datetime) -> ClientPlan:
    """What one client's plan does differently; raises ClientUnknown."""
    found = plans.client_plan(tx, scope, client_id)
    if found is None:
        raise ClientUnknown("There is no such client.")
    audit.record(tx, scope, "client_plan.read", about=[client_id], fields=["added", "left_out"], now=now)
    return found
