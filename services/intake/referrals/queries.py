"""What can be asked about referrals. Every read leaves a row in the audit trail."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.intake.people.queries import Page, Place, page_of
from services.intake.referrals import store
from services.intake.referrals.domain.referral import Referral, ReferralState
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit


def read_referral(tx: Tx, referral_id: UUID, *, scope: Scope, now: datetime) -> Referral | None:
    """
    One referral; None if there is none for the one who asks.

    What the referrer wrote is clinical: it comes along for the client's therapist and the clinical lead alone.
    """
    referral = store.find_referral(tx, scope, referral_id)
    if referral is None:
        return None
    note = store.find_note(tx, scope, referral)
    fields = ["state", "source", *(["note"] if note is not None else [])]
    audit.record(tx, scope, "referral.read", about=[referral.client_id], fields=fields, now=now)
    return replace(referral, note=note)


def list_referrals(
    tx: Tx,
    *,
    state: ReferralState | None = None,
    descending: bool = False,
    after: Place | None = None,
    limit: int = 50,
    scope: Scope,
    now: datetime,
) -> Page[Referral]:
    """Referrals by the time they came in, without the referrers' notes."""
    found = store.referrals(tx, scope, state=state, descending=descending, after=after, limit=limit + 1)
    page = page_of(found, limit, lambda last: (last.received_at, last.referral_id))
    about = [referral.client_id for referral in page.found]
    audit.record(tx, scope, "referral.list", about=about, fields=["state", "source"], now=now)
    return page
