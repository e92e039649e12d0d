"""Everything on file about one referral or one client."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.intake.allocation import store as allocation_store
from services.intake.allocation.domain import Allocation
from services.intake.consents import store as consent_store
from services.intake.consents.domain import Consent, current
from services.intake.people.domain.clients import Client, ClientState, Ending
from services.intake.people.domain.person import Person
from services.intake.people.store import clients as client_store
from services.intake.people.store import identities as people_store
from services.intake.referrals import store as referral_store
from services.intake.referrals.domain import Referral
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit


@dataclass(frozen=True, slots=True)
class ClientFile:
    """A client with everything intake holds of them; `consents` are the answers that hold now."""

    client: Client
    identity: Person
    consents: list[Consent]
    allocation: Allocation | None
    ending: Ending | None


def read_referral(tx: Tx, referral_id: UUID, *, scope: Scope, now: datetime) -> Referral | None:
    """One referral with what the referrer wrote; None if there is none for the one who asks."""
    referral = referral_store.find_referral(tx, scope, referral_id)
    if referral is None:
        return None
    audit.record(tx, scope, "referral.read", about=[referral.client_id], fields=["state", "source", "note"], now=now)
    return replace(referral, note=referral_store.find_note(tx, scope, referral))


def read_client(tx: Tx, client_id: UUID, *, scope: Scope, now: datetime) -> ClientFile | None:
    """One client's file; None if there is none for the one who asks."""
    client = client_store.find_client(tx, scope, client_id)
    identity = people_store.find_person(tx, scope, client_id)
    if client is None or identity is None:
        return None
    fields = [*people_store.FIELDS, "consents", "allocation"]
    ending = client_store.find_ending(tx, scope, client_id) if client.state is ClientState.ENDED else None
    audit.record(tx, scope, "client.read", about=[client_id], fields=fields, now=now)
    return ClientFile(
        client=client,
        identity=identity,
        consents=current(consent_store.consents(tx, scope, client_id)),
        allocation=allocation_store.find_allocation(tx, scope, client_id),
        ending=ending,
    )
