"""What scheduling hears from intake: whom there is, and who works with whom."""

from datetime import datetime

from services.scheduling.care import commands as care
from services.scheduling.care.schemas import ClientAllocated, ClientRegistered, DeputyEnded, DeputyNamed, TherapyEnded
from services.scheduling.care.store import deputies
from services.scheduling.series import commands as series
from shared.database import Tx
from shared.envelope import Message
from shared.scope import system_scope
from shared.service import Handler


def client_registered(tx: Tx, message: Message, *, now: datetime) -> None:
    """A client exists; from now on they can be booked."""
    care.register_client(tx, **ClientRegistered().load(message.data), now=now)


def client_allocated(tx: Tx, message: Message, *, now: datetime) -> None:
    care.allocate(tx, **ClientAllocated().load(message.data), now=now)


def therapy_ended(tx: Tx, message: Message, *, now: datetime) -> None:
    """
    Client and practitioner no longer work together.

    Their weekly appointments ahead are called off, so that others can have the time. A single
    appointment stays until a person decides: it may be the farewell.
    """
    ended = TherapyEnded().load(message.data)
    scope = system_scope("therapy ended", trace_id=message.trace.trace_id)
    care.end_allocation(tx, **ended, scope=scope, now=now)
    series.end_planned_series(
        tx, client_id=ended["client_id"], practitioner_id=ended["practitioner_id"], scope=scope, now=now
    )


def deputy_named(tx: Tx, message: Message, *, now: datetime) -> None:
    """Somebody keeps a colleague's diary besides their own, for some days."""
    del now
    deputies.keep_deputy(tx, **DeputyNamed().load(message.data))


def deputy_ended(tx: Tx, message: Message, *, now: datetime) -> None:
    """They no longer do."""
    del now
    deputies.end_deputy(tx, **DeputyEnded().load(message.data))


HANDLERS: dict[str, Handler] = {
    "rapport.intake.client.registered.v1": client_registered,
    "rapport.intake.client.allocated.v1": client_allocated,
    "rapport.intake.therapy.ended.v1": therapy_ended,
    "rapport.intake.deputy.named.v1": deputy_named,
    "rapport.intake.deputy.ended.v1": deputy_ended,
}
