"""Everything on file about one client; and the code lists with their words, for forms."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.intake.allocation import store as allocations
from services.intake.allocation.domain import ENDING_REASONS_FROM, Allocation, Ending
from services.intake.consents.domain import PURPOSES, Consent, current
from services.intake.consents.store import consents
from services.intake.people.domain.clients import Client, ClientState
from services.intake.people.domain.person import Person
from services.intake.people.store.clients import find_client
from services.intake.people.store.identities import FIELDS, find_person
from services.intake.referrals.domain.codes import ENDING_REASONS, NOT_TAKEN_ON, REFERRAL_SOURCES
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


def read_client(tx: Tx, client_id: UUID, *, scope: Scope, now: datetime) -> ClientFile | None:
    """One client's file; None if there is none for the one who asks."""
    client = find_client(tx, scope, client_id)
    identity = find_person(tx, scope, client_id)
    if client is None or identity is None:
        return None
    fields = [*FIELDS, "consents", "allocation"]
    ending = allocations.find_ending(tx, scope, client_id) if client.state is ClientState.ENDED else None
    audit.record(tx, scope, "client.read", about=[client_id], fields=fields, now=now)
    return ClientFile(
        client=client,
        identity=identity,
        consents=current(consents(tx, scope, client_id)),
        allocation=allocations.find_allocation(tx, scope, client_id),
        ending=ending,
    )


@dataclass(frozen=True, slots=True)
class Code:
    """A code with its words."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class EndingCode(Code):
    """A reason for ending, and where it fits."""

    fits_declining: bool
    fits_states: list[ClientState]


@dataclass(frozen=True, slots=True)
class CodeSets:
    """All code lists of intake, in the order in which forms show them."""

    referral_sources: list[Code]
    ending_reasons: list[EndingCode]
    consent_purposes: list[Code]


def code_sets() -> CodeSets:
    """The code lists; they tell nothing of anybody, so no audit."""
    return CodeSets(
        referral_sources=[Code(code, label) for code, label in REFERRAL_SOURCES.items()],
        ending_reasons=[
            EndingCode(
                code,
                reason.label,
                fits_declining=code in NOT_TAKEN_ON,
                fits_states=[state for state, fitting in ENDING_REASONS_FROM.items() if code in fitting],
            )
            for code, reason in ENDING_REASONS.items()
        ],
        consent_purposes=[Code(purpose.value, label) for purpose, label in PURPOSES.items()],
    )
