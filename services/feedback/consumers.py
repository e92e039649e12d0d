"""What feedback hears: people and consents from intake, hours from scheduling; translated into its own commands."""

from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError

from services.feedback.alliance.domain.courses import Appointment
from services.feedback.care.store import deputies
from services.feedback.collection.commands import incoming_events
from services.feedback.collection.schemas.incoming_events import (
    AppointmentCancelled,
    AppointmentEvent,
    AppointmentReopened,
    ClientAllocated,
    ClientRegistered,
    ConsentRecorded,
    DeputyEnded,
    DeputyNamed,
    TherapyEnded,
)
from shared.database import Tx
from shared.envelope import Message
from shared.scope import Scope, system_scope
from shared.service import Handler

# Where an hour stands after its last change was undone.
_STANDS = {
    "completed": "held",
    "no_show": "missed",
    "client_cancelled": "cancelled",
    "late_cancelled": "cancelled",
    "clinic_cancelled": "cancelled",
}


def client_registered(tx: Tx, message: Message, *, now: datetime) -> None:
    del now
    event = _load(ClientRegistered(), message)
    incoming_events.keep_client(tx, event["client_id"], event["spoken_code"], event["registered_at"])


def consent_recorded(tx: Tx, message: Message, *, now: datetime) -> None:
    event = _load(ConsentRecorded(), message)
    incoming_events.record_consent(tx, **event, sequence=_sequence(message), scope=_scope(message), now=now)


def client_allocated(tx: Tx, message: Message, *, now: datetime) -> None:
    event = _load(ClientAllocated(), message)
    incoming_events.record_allocation(tx, **event, sequence=_sequence(message), scope=_scope(message), now=now)


def therapy_ended(tx: Tx, message: Message, *, now: datetime) -> None:
    event = _load(TherapyEnded(), message)
    incoming_events.record_ending(tx, **event, sequence=_sequence(message), scope=_scope(message), now=now)


def deputy_named(tx: Tx, message: Message, *, now: datetime) -> None:
    """Somebody does a colleague's work besides their own, for some days."""
    del now
    deputies.keep_deputy(tx, **_load(DeputyNamed(), message))


def deputy_ended(tx: Tx, message: Message, *, now: datetime) -> None:
    """They no longer do."""
    del now
    deputies.end_deputy(tx, **_load(DeputyEnded(), message))


def appointment_held(tx: Tx, message: Message, *, now: datetime) -> None:
    """A session took place: ask both sides."""
    _appointment(tx, message, _load(AppointmentEvent(), message), "held", now)


def appointment_reopened(tx: Tx, message: Message, *, now: datetime) -> None:
    """What was said about an hour was a mistake."""
    event = _load(AppointmentReopened(), message)
    stands = event.pop("status")
    late = {"late": stands == "late_cancelled"}
    _appointment(tx, message, event | late, _STANDS.get(stands, "booked"), now)


def appointment_planned(tx: Tx, message: Message, *, now: datetime) -> None:
    """An hour was booked or moved, or its client is here: what it begins with is asked when its time comes."""
    _appointment(tx, message, _load(AppointmentEvent(), message), "booked", now)


def appointment_missed(tx: Tx, message: Message, *, now: datetime) -> None:
    _appointment(tx, message, _load(AppointmentEvent(), message), "missed", now)


def appointment_cancelled(tx: Tx, message: Message, *, now: datetime) -> None:
    _appointment(tx, message, _load(AppointmentCancelled(), message), "cancelled", now)


HANDLERS: dict[str, Handler] = {
    "rapport.intake.client.registered.v1": client_registered,
    "rapport.intake.consent.recorded.v1": consent_recorded,
    "rapport.intake.client.allocated.v1": client_allocated,
    "rapport.intake.therapy.ended.v1": therapy_ended,
    "rapport.intake.deputy.named.v1": deputy_named,
    "rapport.intake.deputy.ended.v1": deputy_ended,
    "rapport.scheduling.appointment.booked.v1": appointment_planned,
    "rapport.scheduling.appointment.moved.v1": appointment_planned,
    "rapport.scheduling.appointment.arrived.v1": appointment_planned,
    "rapport.scheduling.appointment.held.v1": appointment_held,
    "rapport.scheduling.appointment.missed.v1": appointment_missed,
    "rapport.scheduling.appointment.cancelled.v1": appointment_cancelled,
    "rapport.scheduling.appointment.reopened.v1": appointment_reopened,
}


def _appointment(tx: Tx, message: Message, event: dict[str, Any], status: str, now: datetime) -> None:
    known: dict[str, Any] = {"sequence": _sequence(message), "scope": _scope(message), "now": now}
    modality, late = event.pop("modality"), event.pop("late", False)
    hour = Appointment(**event)
    if status == "held":
        incoming_events.record_session(tx, hour, modality=modality, **known)
    else:
        incoming_events.record_hour(tx, hour, modality=modality, status=status, late=late, **known)


def _load(schema: Schema, message: Message) -> dict[str, Any]:
    loaded: dict[str, Any] = schema.load(message.data)
    return loaded


def _scope(message: Message) -> Scope:
    return system_scope("hearing", trace_id=message.trace.trace_id)


def _sequence(message: Message) -> int:
    if message.sequence is None:
        raise ValidationError("is missing: facts about the same thing are put in order by it", "ce_sequence")
    return message.sequence
