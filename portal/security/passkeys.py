"""
Passkeys (Web Authentication): a key on a device that its owner unlocks, so that one touch is both steps.

User verification is required and the key is found by itself, without a user name. It signs for this
address alone, so that a page that only looks like ours gets nothing.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.security.accounts import Staff
from shared.database import Tx
from shared.ids import uuid7

_ANSWERED_WITHIN = timedelta(minutes=5)
_REQUIRED = UserVerificationRequirement.REQUIRED


class PasskeyRefused(Exception):
    """The answer does not fit what was asked, is not signed by a key we know, or its owner was not verified."""


@dataclass(frozen=True, slots=True)
class Site:
    """The address that keys sign for: `host` as browsers know it, `origin` with scheme and port."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """One key of an account, as its owner called it."""

    id: UUID
    label: str
    created_at: datetime
    used_at: datetime | None


def passkeys_of(tx: Tx, staff_id: UUID) -> list[Passkey]:
    """All of an account, the oldest first."""
    rows = tx.rows("SELECT id, label, created_at, used_at FROM passkey WHERE staff_id = %s ORDER BY id", (staff_id,))
    return [Passkey(**row) for row in rows]


def registration_options(tx: Tx, staff: Staff, site: Site, browser: bytes, clinic: str, now: datetime) -> str:
    """What a browser is asked to make a key for, as JSON."""
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=f"Rapport, {clinic}",
        user_id=staff.id.bytes,
        user_name=staff.username,
        user_display_name=staff.display_name,
        exclude_credentials=_descriptors(tx, staff.id),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
        ),
    )
    _keep_challenge(tx, browser, options.challenge, now)
    return options_to_json(options)


def register(tx: Tx, staff: Staff, site: Site, challenge: bytes, answer: str, label: str, now: datetime) -> None:
    """Keep a new key; raises PasskeyRefused."""
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception as error:  # whatever a forged answer breaks in a parser
        raise PasskeyRefused("the new key does not verify") from error
    tx.execute(
        "INSERT INTO passkey (id, staff_id, credential_id, public_key, sign_count, label, created_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (credential_id) DO NOTHING",
        (uuid7(), staff.id, made.credential_id, made.credential_public_key, made.sign_count, label, now),
    )


def authentication_options(tx: Tx, staff_id: UUID | None, site: Site, browser: bytes, now: datetime) -> str:
    """What a browser is asked to sign, as JSON: with a key of this account, or with whichever it has."""
    options = generate_authentication_options(
        rp_id=site.host,
        allow_credentials=_descriptors(tx, staff_id) if staff_id else None,
        user_verification=_REQUIRED,
    )
    _keep_challenge(tx, browser, options.challenge, now)
    return options_to_json(options)


def authenticate(tx: Tx, site: Site, challenge: bytes, answer: str, now: datetime) -> UUID:
    """Whose key signed; raises PasskeyRefused."""
    try:
        credential_id = base64url_to_bytes(json.loads(answer)["rawId"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PasskeyRefused("not the answer of a key") from error
    key = tx.row(
        "SELECT k.id, k.staff_id, k.public_key, k.sign_count FROM passkey k "
        "JOIN staff p ON p.id = k.staff_id AND p.is_active WHERE k.credential_id = %s FOR UPDATE OF k",
        (credential_id,),
    )
    if key is None:
        raise PasskeyRefused("no account has this key")
    try:
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=key["public_key"],
            credential_current_sign_count=key["sign_count"],
            require_user_verification=True,
        )
    except Exception as error:  # whatever a forged answer breaks in a parser
        raise PasskeyRefused("the signature does not verify") from error
    tx.execute(
        "UPDATE passkey SET sign_count = %s, used_at = %s WHERE id = %s", (verified.new_sign_count, now, key["id"])
    )
    owner: UUID = key["staff_id"]
    return owner


def take_challenge(tx: Tx, browser: bytes, now: datetime) -> bytes:
    """What this browser was asked to sign; in a transaction of its own, so that it counts once. PasskeyRefused."""
    rows = tx.rows("DELETE FROM passkey_challenge WHERE browser = %s RETURNING challenge, made_at", (browser,))
    if not rows or rows[0]["made_at"] <= now - _ANSWERED_WITHIN:
        raise PasskeyRefused("nothing was asked of this browser lately")
    challenge: bytes = rows[0]["challenge"]
    return challenge


def remove_passkey(tx: Tx, staff_id: UUID, passkey_id: UUID) -> bool:
    """Forget a key; tells whether there was one."""
    return tx.execute("DELETE FROM passkey WHERE staff_id = %s AND id = %s", (staff_id, passkey_id)) == 1


def _descriptors(tx: Tx, staff_id: UUID) -> list[PublicKeyCredentialDescriptor]:
    rows = tx.rows("SELECT credential_id FROM passkey WHERE staff_id = %s", (staff_id,))
    return [PublicKeyCredentialDescriptor(id=row["credential_id"]) for row in rows]


def _keep_challenge(tx: Tx, browser: bytes, challenge: bytes, now: datetime) -> None:
    tx.execute("DELETE FROM passkey_challenge WHERE made_at <= %s", (now - _ANSWERED_WITHIN,))
    tx.execute(
        "INSERT INTO passkey_challenge (browser, challenge, made_at) VALUES (%s, %s, %s) "
        "ON CONFLICT (browser) DO UPDATE SET challenge = excluded.challenge, made_at = excluded.made_at",
        (browser, challenge, now),
    )
