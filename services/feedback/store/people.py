"""What is heard from intake: who there is, what they consented to, whose client they are."""

from datetime import datetime
from uuid import UUID

from services.feedback.domain.offers import Pair
from shared.database import Tx
from shared.scope import Scope


def keep_client(tx: Tx, client_id: UUID, spoken_code: str, registered_at: datetime) -> None:
    """Fill in a client, who may already be known by an earlier fact."""
    tx.execute(
        "INSERT INTO client (client_id, spoken_code, registered_at) VALUES (%s, %s, %s) "
        "ON CONFLICT (client_id) DO UPDATE SET spoken_code = excluded.spoken_code, "
        "registered_at = excluded.registered_at",
        (client_id, spoken_code, registered_at),
    )


def keep_consent(tx: Tx, client_id: UUID, purpose: str, state: str, recorded_at: datetime) -> bool:
    """Keep the latest word on one purpose; tells whether this is it."""
    return (
        tx.execute(
            "INSERT INTO consent (client_id, purpose, state, recorded_at) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (client_id, purpose) DO UPDATE SET state = excluded.state, recorded_at = excluded.recorded_at "
            "WHERE consent.recorded_at <= excluded.recorded_at",
            (client_id, purpose, state, recorded_at),
        )
        > 0
    )


def consents(tx: Tx, scope: Scope, client_id: UUID, purpose: str) -> bool:
    """Tell whether the client's latest word on this purpose is yes; for this service's own work."""
    row = tx.row(
        "SELECT state FROM consent WHERE client_id = %s AND purpose = %s AND %s",
        (client_id, purpose, scope.is_system),
    )
    return row is not None and row["state"] == "given"


def keep_allocation(
    tx: Tx, client_id: UUID, allocation_id: UUID, practitioner_id: UUID, allocated_at: datetime
) -> list[UUID]:
    """Keep who is whose therapist from now on; returns the therapists whose part ended with it."""
    newer = tx.row(
        "SELECT 1 FROM allocation WHERE client_id = %s AND allocated_at > %s AND allocation_id <> %s",
        (client_id, allocated_at, allocation_id),
    )
    ended = []
    if newer is None:
        ended = tx.rows(
            "UPDATE allocation SET ended_at = %s, end_reason = 'change_of_therapist' "
            "WHERE client_id = %s AND ended_at IS NULL AND allocation_id <> %s RETURNING practitioner_id",
            (allocated_at, client_id, allocation_id),
        )
    tx.execute(
        "INSERT INTO allocation (allocation_id, client_id, practitioner_id, allocated_at, ended_at, end_reason) "
        "VALUES (%(id)s, %(client)s, %(practitioner)s, %(at)s, CASE WHEN %(over)s THEN %(at)s END, "
        "CASE WHEN %(over)s THEN 'change_of_therapist' END) "
        "ON CONFLICT (allocation_id) DO NOTHING",
        {
            "id": allocation_id,
            "client": client_id,
            "practitioner": practitioner_id,
            "at": allocated_at,
            "over": newer is not None,
        },
    )
    return [row["practitioner_id"] for row in ended if row["practitioner_id"] != practitioner_id]


def end_allocation(tx: Tx, client_id: UUID, allocation_id: UUID, practitioner_id: UUID, ended_at: datetime) -> None:
    """Keep that a therapy ended, also when its beginning was never heard of."""
    tx.execute(
        "INSERT INTO allocation (allocation_id, client_id, practitioner_id, allocated_at, ended_at, end_reason) "
        "VALUES (%(id)s, %(client)s, %(practitioner)s, %(at)s, %(at)s, 'therapy_ended') "
        "ON CONFLICT (allocation_id) DO UPDATE SET ended_at = excluded.ended_at, end_reason = excluded.end_reason",
        {"id": allocation_id, "client": client_id, "practitioner": practitioner_id, "at": ended_at},
    )


def pair_at(tx: Tx, scope: Scope, client_id: UUID, practitioner_id: UUID, moment: datetime) -> Pair:
    """How these two stand to each other, for a session at this moment; for this service's own work."""
    row = tx.row(
        "SELECT bool_or(ended_at IS NULL) AS working, bool_or(ended_at >= %s) AS later FROM allocation "
        "WHERE client_id = %s AND practitioner_id = %s AND %s",
        (moment, client_id, practitioner_id, scope.is_system),
    )
    if row is None or row["working"] is None:
        return Pair.STRANGERS
    if row["working"]:
        return Pair.WORKING
    return Pair.ENDED if row["later"] else Pair.STRANGERS
