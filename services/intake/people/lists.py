"""Lists without names: referrals to decide on, clients waiting or in therapy."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.intake.people.domain.clients import Client, ClientState
from services.intake.people.store import clients as client_store
from services.intake.referrals import store as referral_store
from services.intake.referrals.domain import Referral, ReferralState
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit

Place = tuple[datetime, UUID]  # where a page ended: the sort value and the id of its last row


class Referrals(NamedTuple):
    """A page of referrals, and where the next one begins (None: this was the last)."""

    found: list[Referral]
    end: Place | None


class Clients(NamedTuple):
    """A page of clients, and where the next one begins (None: this was the last)."""

    found: list[Client]
    end: Place | None


def list_referrals(
    tx: Tx,
    *,
    state: ReferralState | None = None,
    descending: bool = False,
    after: Place | None = None,
    limit: int = 50,
    scope: Scope,
    now: datetime,
) -> Referrals:
    """Referrals by the time they came in, without the referrers' notes."""
    found = referral_store.referrals(tx, scope, state=state, descending=descending, after=after, limit=limit + 1)
    page, more = found[:limit], len(found) > limit
    audit.record(
        tx, scope, "referral.list", about=[referral.client_id for referral in page], fields=["state", "source"], now=now
    )
    return Referrals(page, (page[-1].received_at, page[-1].referral_id) if more else None)


def list_clients(
    tx: Tx,
    *,
    state: ClientState | None = None,
    practitioner_id: UUID | None = None,
    sort: str = "since",
    descending: bool = False,
    after: Place | None = None,
    limit: int = 50,
    scope: Scope,
    now: datetime,
) -> Clients:
    """Clients by `sort` ("since" or "registered_at"), without their names."""
    found = client_store.clients(
        tx,
        scope,
        state=state,
        practitioner_id=practitioner_id,
        sort=sort,
        descending=descending,
        after=after,
        limit=limit + 1,
    )
    page, more = found[:limit], len(found) > limit
    audit.record(
        tx,
        scope,
        "client.list",
        about=[client.client_id for client in page],
        fields=["state", "practitioner_id"],
        now=now,
    )
    if not more:
        return Clients(page, None)
    last = page[-1]
    return Clients(page, (last.since if sort == "since" else last.registered_at, last.client_id))
