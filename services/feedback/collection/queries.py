"""Forms: what is offered, how a measure is worded, and the form as its writer sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.care.domain.clients import ClientUnknown
from services.feedback.care.store.visibility import note_opened
from services.feedback.collection.domain.forms import FormState, FormUnknown, Position, hashed
from services.feedback.collection.domain.offers import ListedOffer, OfferFilter, OfferUnknown
from services.feedback.collection.domain.plan import ClientPlan, Plan
from services.feedback.collection.store import checkins, links, offers, plans
from services.feedback.collection.store.checkins import ReadCheckin
from services.feedback.collection.store.kiosks import Kiosk, list_kiosks
from services.feedback.measures.domain import Measure
from services.feedback.measures.domain.answers import Answer
from services.feedback.measures.store import definitions
from services.feedback.risk import store
from services.feedback.risk.domain.crisis import CrisisInformation
from shared.database import Tx
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
    answers: Mapping[str, Answer]
    expires_at: datetime
    crisis: CrisisInformation | None
    sharing: str | None = None
    position: Position | None = None
    risk_answered: bool = False


def list_offers(
    tx: Tx, wanted: OfferFilter, *, after: tuple[str, ...] | None, limit: int, scope: Scope, now: datetime
) -> list[ListedOffer]:
    """That forms are out, for whom and until when; never what was answered."""
    found = offers.list_offers(tx, scope, wanted, after=after, limit=limit)
    if found:
        about = list(dict.fromkeys(offer.client_id for offer in found))
        audit.record(tx, scope, "offers.read", about=about, fields=["state", "session_date"], now=now)
    return found


def form(tx: Tx, handle: str, *, scope: Scope, now: datetime) -> FormView:
    """
    The next form of the packet behind a handle, with what its own browser has filled in so far.

    Raises:
        FormUnknown: no such handle.
    """
    packet = links.packet_of_handle(tx, scope, hashed(handle))
    if not packet.forms:
        raise FormUnknown("This form cannot be opened any more.")
    state, current = packet.state(now), packet.current(now)
    shown = store.current_crisis_information(tx, scope)
    asked_for_help = any(one.risk_answered for one in packet.forms)
    if current is None:
        # The thanks say what the client chose on the session form, where it was part of the packet.
        said = sorted(packet.forms, key=lambda one: one.measure_id != definitions.CLIENT_FORM)
        sharing = next((one.sharing for one in said if one.sharing is not None), None)
        expires_at = max(one.expires_at for one in packet.forms)
        return FormView(state, None, {}, expires_at, shown, sharing=sharing, risk_answered=asked_for_help)
    audit.record(tx, scope, "form.read", about=[current.client_id], fields=["answers"], now=now)
    measure = definitions.worded(tx, scope, current.measure_id, current.measure_version)
    return FormView(
        state,
        measure.asked(open_wish=current.wish_id is not None),
        links.draft_of(tx, scope, current.offer_id, current.browser_id, current.client_id),
        current.expires_at,
        shown,
        position=packet.position(now),
        risk_answered=asked_for_help,
    )


def checkin(tx: Tx, offer_id: UUID, *, scope: Scope, now: datetime) -> ReadCheckin:
    """An offer, what came back of it and what stood there before it was corrected; raises OfferUnknown."""
    found = checkins.checkin_read(tx, scope, offer_id)
    if found is None:
        raise OfferUnknown("There is no such check-in.")
    audit.record(tx, scope, "checkin.read", about=[found.client_id], fields=["answers", "total"], now=now)
    note_opened(tx, scope, [found.client_id], now=now)
    return found


def kiosks(tx: Tx, *, scope: Scope) -> list[Kiosk]:
    """All kiosks, the newest first."""
    return list_kiosks(tx, scope)


def plan(tx: Tx, *, scope: Scope) -> Plan:
    return plans.current_plan(tx, scope)


def client_plan(tx: Tx, client_id: UUID, *, scope: Scope, now: datetime) -> ClientPlan:
    """What one client's plan does differently; raises ClientUnknown."""
    found = plans.client_plan(tx, scope, client_id)
    if found is None:
        raise ClientUnknown("There is no such client.")
    audit.record(tx, scope, "client_plan.read", about=[client_id], fields=["added", "left_out"], now=now)
    return found
