"""What intake hears from scheduling, translated into its own commands."""

from datetime import datetime

from services.intake.allocation import commands
from services.intake.allocation.schemas import PractitionerAdded, SessionHeld
from shared.database import Tx
from shared.envelope import Message
from shared.scope import system_scope


def session_held(tx: Tx, message: Message, *, now: datetime) -> None:
    """The first session with the practitioner of the allocation begins therapy."""
    scope = system_scope("hearing", trace_id=tx.trace.trace_id)
    commands.begin_therapy(tx, **SessionHeld().load(message.data), scope=scope, now=now)


def practitioner_added(tx: Tx, message: Message, *, now: datetime) -> None:
    del now
    commands.add_practitioner(tx, **PractitionerAdded().load(message.data))


HANDLERS = {
    "rapport.scheduling.appointment.held.v1": session_held,
    "rapport.scheduling.practitioner.added.v1": practitioner_added,
}
