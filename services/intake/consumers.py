"""What intake hears, translated into its own commands."""

from datetime import datetime

from services.intake.allocation import commands as care
from services.intake.allocation.schemas import PractitionerAddedHeardSchema, SessionHeldHeardSchema
from shared.database import Tx
from shared.envelope import Message
from shared.scope import system_scope


def session_held(tx: Tx, message: Message, *, now: datetime) -> None:
    """The first hour with the practitioner of the allocation begins therapy."""
    held = care.SessionHeld(**SessionHeldHeardSchema().load(message.data))
    care.begin_therapy(tx, held, scope=system_scope("hearing", trace_id=tx.trace.trace_id), now=now)


def practitioner_added(tx: Tx, message: Message, *, now: datetime) -> None:
    """Clients can be allocated to somebody new."""
    del now
    heard = PractitionerAddedHeardSchema().load(message.data)
    care.add_practitioner(tx, heard["practitioner_id"], added_at=heard["added_at"])


HEARS = {
    "rapport.scheduling.appointment.held.v1": session_held,
    "rapport.scheduling.practitioner.added.v1": practitioner_added,
}
