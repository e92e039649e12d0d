"""People become known, and are held while something about them changes."""

from datetime import datetime
from uuid import UUID

from services.intake.people import events
from services.intake.people.domain.clients import Client, ClientState, ClientUnknown
from services.intake.people.domain.person import Person
from services.intake.people.store import clients, identities
from shared.database import Tx
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import Scope


def register_client(tx: Tx, person: Person, *, now: datetime) -> Client:
    """Keep a person, checked before, as a client on whom nobody has decided yet."""
    client = Client(
        client_id=uuid7(),
        version=1,
        spoken_code=clients.next_spoken_code(tx),
        state=ClientState.WAITING_FOR_DECISION,
        since=now,
        registered_at=now,
        practitioner_id=None,
    )
    clients.add_client(tx, client)
    identities.add_person(tx, client.client_id, person)
    publish(tx, events.client_registered(client))
    return client


def lock_client(tx: Tx, scope: Scope, client_id: UUID) -> Client:
    """One client, held for this transaction; raises ClientUnknown."""
    client = clients.lock_client(tx, scope, client_id)
    if client is None:
        raise ClientUnknown("there is no such client")
    return client
