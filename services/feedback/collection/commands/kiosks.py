"""Kiosks: enrolling a tablet, a code from the desk, and what the code opens."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.collection.commands.forms import TOKEN_BYTES, Exchange, offer_to_hand_over, open_packet
from services.feedback.collection.domain.forms import hashed
from services.feedback.collection.domain.kiosks import (
    CODE_DIGITS,
    CODE_LIFE,
    CodeWrong,
    KioskPaused,
    KioskUnknown,
    after_a_wrong_code,
    is_paused,
)
from services.feedback.collection.domain.offers import Channel
from services.feedback.collection.store import kiosks, links
from services.feedback.collection.store.kiosks import Kiosk
from shared.database import Tx
from shared.ids import uuid7
from shared.scope import Scope
from shared.security import audit


@dataclass(frozen=True, slots=True)
class EnrolledKiosk:
    """A new kiosk; its token exists here and on the device alone."""

    id: UUID
    label: str
    token: str
    enrolled_at: datetime


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code on its way to the client; it opens their forms once, on an enrolled kiosk."""

    code: str
    expires_at: datetime


def enrol_kiosk(tx: Tx, label: str, *, scope: Scope, now: datetime) -> EnrolledKiosk:
    """Enrol a device; the token is shown this once."""
    audit.record(tx, scope, "kiosk.enrolled", about=[], now=now)
    kiosk = EnrolledKiosk(uuid7(), label, secrets.token_urlsafe(TOKEN_BYTES), now)
    kiosks.add_kiosk(tx, kiosk.id, label, hashed(kiosk.token), enrolled_by=scope.actor, now=now)
    return kiosk


def end_kiosk(tx: Tx, kiosk_id: UUID, *, scope: Scope, now: datetime) -> Kiosk:
    """A device was lost or put away: it opens nothing from now on. Raises KioskUnknown."""
    ended = kiosks.end_kiosk(tx, scope, kiosk_id, now=now)
    if ended is None:
        raise KioskUnknown("There is no such kiosk.")
    audit.record(tx, scope, "kiosk.ended", about=[], now=now)
    return ended


def make_code(tx: Tx, offer_id: UUID, *, scope: Scope, now: datetime) -> NewCode:
    """
    Make a one-time code to an open form and those asked with it; earlier codes to them end.

    Raises:
        OfferUnknown, OfferMoveNotAllowed, CrisisInformationMissing: as for a link.
    """
    offer = offer_to_hand_over(tx, offer_id, scope=scope, now=now)
    audit.record(tx, scope, "code.made", about=[offer.client_id], now=now)
    kiosks.end_codes(tx, offer.id, now=now)
    expires_at = min(now + CODE_LIFE, offer.expires_at)
    while True:
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        if kiosks.add_code(tx, uuid7(), offer.id, hashed(code), now=now, expires_at=expires_at):
            return NewCode(code, expires_at)


def exchange_code(
    tx: Tx, kiosk_token: str, code: str, *, scope: Scope, now: datetime
) -> Exchange | CodeWrong | KioskPaused:
    """
    Exchange a code, typed in on an enrolled kiosk, for the handle that opens its packet; possible once.

    Returns:
        The handle. Or the refusal of a wrong code, to be raised after this transaction was
        committed: a wrong code that is rolled back is a wrong code that does not count.

    Raises:
        KioskUnknown, KioskPaused, AlreadyReceived, FormOver, FormsClosed.
    """
    kiosk = kiosks.lock_kiosk(tx, scope, hashed(kiosk_token))
    if kiosk is None:
        raise KioskUnknown("This device is not enrolled here.")
    if is_paused(kiosk.paused_until, now=now):
        raise KioskPaused("Too many wrong codes. This device pauses for a few minutes.")
    offer_id = kiosks.offer_of_code(tx, scope, hashed(code), now=now)
    if offer_id is None:
        wrong, paused_until = after_a_wrong_code(kiosk.wrong_in_a_row, now=now)
        kiosks.keep_count(tx, kiosk.id, wrong, paused_until, now=now)
        if paused_until is not None:
            audit.record(tx, scope, "kiosk.paused", about=[], now=now)
            return KioskPaused("Too many wrong codes. This device pauses for a few minutes.")
        return CodeWrong("This code opens nothing. The desk can make a new one.")
    kiosks.keep_count(tx, kiosk.id, 0, None, now=now)
    _, expires_at = open_packet(tx, offer_id, scope=scope, now=now)
    kiosks.end_codes(tx, offer_id, now=now)
    handle = secrets.token_urlsafe(TOKEN_BYTES)
    # The token of this link is nobody's: the code has been exchanged already.
    nobodys = hashed(secrets.token_urlsafe(TOKEN_BYTES))
    # A tablet is a new browser for each code: nothing on it goes on with what somebody began there before.
    browser_id = uuid7()
    new = links.NewLink(uuid7(), offer_id, nobodys, expires_at, Channel.KIOSK, hashed(handle), browser_id)
    links.add_link(tx, new, now=now)
    return Exchange(handle, expires_at)
