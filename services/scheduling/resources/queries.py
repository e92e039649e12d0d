"""What can be asked about practitioners and rooms; nothing of a client, so it leaves no line in the audit trail."""

from services.scheduling.resources import store
from services.scheduling.resources.domain.resources import Practitioner, Room
from shared.database import Tx
from shared.scope import Scope


def practitioners(tx: Tx, *, scope: Scope) -> list[Practitioner]:
    return store.practitioners(tx, scope)


def rooms(tx: Tx, *, scope: Scope) -> list[Room]:
    return store.rooms(tx, scope)
