"""What is heard from intake: who there is, what they consented to, whose client they are."""

from datetime import datetime
from uuid import UUID

from services.feedback.care.domain.clients import Pair
from services.feedback.care.store.visibility import VISIBLE, clinical
from shared.database import Tx
from shared.scope import Scope

_CLIENTS = 4001  # the class of this service's advisory locks on clients


def lock_client(tx: Tx, client_id: UUID) -> None:
    """
    One at a time for whatever offers or takes back a client's forms, until the transaction ends.

    Consents and hours arrive in different topics and are heard by different workers: what
    one of them decides from, the other may be changing. Taken before any row is locked.
    """
    tx.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (_CLIENTS, str(client_id)))


def try_lock_client(tx: Tx, client_id: UUID) -> bool:
    """As `lock_client`, without waiting: a job comes by again."""
    return bool(tx.value("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", (_CLIENTS, str(client_id))))


def keep_client(tx: Tx, client_id: UUID, spoken_code: str, registered_at: datetime) -> None:
    """Fill in a client, who may already be known by an earlier fact."""
    tx.execute(
        "INSERT INTO client (client_id, spoken_code, registered_at) VALUES (%s, %s, %s) "
        "ON CONFLICT (client_id) DO UPDATE SET spoken_code = excluded.spoken_code, "
        "registered_at = excluded.registered_at",
        (client_id, spoken_code, registered_at),
    )


def keep_consent(tx: Tx, client_id: UUID, purpose: str, state: str, recorded_at: datetime, *, sequence: int) -> bool:
    """Keep the latest word on one purpose, by intake's count of facts about this client; tells whether this is it."""
    return (
        tx.execute(
            "INSERT INTO consent (client_id, purpose, state, recorded_at, sequence) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (client_id, purpose) DO UPDATE SET state = excluded.state, "
            "recorded_at = excluded.recorded_at, sequence = excluded.sequence "
            "WHERE consent.sequence < excluded.sequence "
            "AND (consent.sequence > 0 OR consent.recorded_at <= excluded.recorded_at)",
            (client_id, purpose, state, recorded_at, sequence),
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
    tx: Tx, client_id: UUID, allocation_id: UUID, practitioner_id: UUID, allocated_at: datetime, *, sequence: int
) -> list[UUID]:
    """
    Keep who is whose therapist from now on; returns the therapists whose part ended with it.

    Intake's count of facts about this client decides which of two is the later one.
    """
    newer = tx.row(
        "SELECT 1 FROM allocation WHERE client_id = %s AND allocation_id <> %s "
        "AND (sequence > %s OR sequence = 0 AND allocated_at > %s)",
        (client_id, allocation_id, sequence, allocated_at),
    )
    ended = []
    if newer is None:
        ended = tx.rows(
            "UPDATE allocation SET ended_at = greatest(allocated_at, %s), end_reason = 'change_of_therapist' "
            "WHERE client_id = %s AND ended_at IS NULL AND allocation_id <> %s RETURNING practitioner_id",
            (allocated_at, client_id, allocation_id),
        )
    tx.execute(
        "INSERT INTO allocation (allocation_id, client_id, practitioner_id, allocated_at, ended_at, end_reason, "
        "sequence) VALUES (%(id)s, %(client)s, %(practitioner)s, %(at)s, CASE WHEN %(over)s THEN %(at)s END, "
        "CASE WHEN %(over)s THEN 'change_of_therapist' END, %(sequence)s) "
        "ON CONFLICT (allocation_id) DO NOTHING",
        {
            "id": allocation_id,
            "client": client_id,
            "practitioner": practitioner_id,
            "at": allocated_at,
            "over": newer is not None,
            "sequence": sequence,
        },
    )
    return [row["practitioner_id"] for row in ended if row["practitioner_id"] != practitioner_id]


def end_allocation(
    tx: Tx, client_id: UUID, allocation_id: UUID, practitioner_id: UUID, ended_at: datetime, *, sequence: int
) -> None:
    """Keep that a therapy ended, also when its beginning was never heard of."""
    tx.execute(
        "INSERT INTO allocation (allocation_id, client_id, practitioner_id, allocated_at, ended_at, end_reason, "
        "sequence) VALUES (%(id)s, %(client)s, %(practitioner)s, %(at)s, %(at)s, 'therapy_ended', %(sequence)s) "
        "ON CONFLICT (allocation_id) DO UPDATE SET ended_at = excluded.ended_at, end_reason = excluded.end_reason",
        {
            "id": allocation_id,
            "client": client_id,
            "practitioner": practitioner_id,
            "at": ended_at,
            "sequence": sequence,
        },
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


def is_known(tx: Tx, scope: Scope, client_id: UUID) -> bool:
    """Tell whether this scope opens this client, whom somebody treats or has treated here."""
    return bool(
        tx.value(
            f"SELECT true FROM allocation t WHERE t.client_id = %(id)s AND {VISIBLE} LIMIT 1",  # noqa: S608 - literals
            {"id": client_id, **clinical(scope)},
        )
    )
