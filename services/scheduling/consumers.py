"""What scheduling hears from intake: whom there is, and who works with whom."""

from datetime import datetime

from services.scheduling.appointments.schemas import ClientAllocatedHeard, ClientRegisteredHeard, TherapyEndedHeard
from services.scheduling.resources import commands as diaries
from shared.database import Tx
from shared.envelope import Message
from shared.scope import system_scope
from shared.service import Handler


def client_registered(tx: Tx, message: Message, *, now: datetime) -> None:
    """A client exists; from now on hours can be kept for them."""
    heard = ClientRegisteredHeard().load(message.data)
    diaries.know_client(tx, heard["client_id"], heard["spoken_code"], now=now)


def client_allocated(tx: Tx, message: Message, *, now: datetime) -> None:
    """Client and practitioner work together."""
    heard = ClientAllocatedHeard().load(message.data)
    diaries.allocate(
        tx,
        heard["allocation_id"],
        client_id=heard["client_id"],
        practitioner_id=heard["practitioner_id"],
        allocated_at=heard["allocated_at"],
        now=now,
    )


def therapy_ended(tx: Tx, message: Message, *, now: datetime) -> None:
    """Client and practitioner no longer work together."""
    heard = TherapyEndedHeard().load(message.data)
    diaries.end_therapy(
        tx,
        heard["allocation_id"],
        client_id=heard["client_id"],
        practitioner_id=heard["practitioner_id"],
        ended_at=heard["ended_at"],
        scope=system_scope("therapy ended", trace_id=message.trace.trace_id),
        now=now,
    )


HEARS: dict[str, Handler] = {
    "rapport.intake.client.registered.v1": client_registered,
    "rapport.intake.client.allocated.v1": client_allocated,
    "rapport.intake.therapy.ended.v1": therapy_ended,
}
