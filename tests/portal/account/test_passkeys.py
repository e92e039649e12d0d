"""A key signs for its owner, verified, once, for this address; everything else is refused."""

import base64
import hashlib
import json
from collections.abc import Callable
from uuid import UUID

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from portal.security.passkeys import PasskeyRefused, Site, authenticate, authentication_options, take_challenge
from shared.database import Database
from shared.ids import uuid7
from tests.cast import DANA
from tests.portal.conftest import NOON

SITE = Site("clinic.example", "https://clinic.example")
BROWSER = hashlib.sha256(b"a browser").digest()
PRESENT, VERIFIED = 0x01, 0x04  # flags of authenticator data (Web Authentication, 6.1)
KEY_ID = b"a key of Dana's"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class SoftwareKey:
    """An authenticator in a few lines, which does what it is told not to do."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        point = self._key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        self.public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})  # COSE: EC2, ES256, P-256

    def signs(
        self, challenge: bytes, *, flags: int = PRESENT | VERIFIED, count: int = 1, site: Site = SITE, kind: str = "get"
    ) -> str:
        said = {"type": f"webauthn.{kind}", "challenge": b64(challenge), "origin": site.origin, "crossOrigin": False}
        client_data = json.dumps(said).encode()
        data = hashlib.sha256(site.host.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")
        signature = self._key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        response = {"authenticatorData": data, "clientDataJSON": client_data, "signature": signature}
        return json.dumps(
            {
                "id": b64(KEY_ID),
                "rawId": b64(KEY_ID),
                "type": "public-key",
                "response": {name: b64(value) for name, value in response.items()},
            }
        )


@pytest.fixture
def key(staffed: Database) -> SoftwareKey:
    made = SoftwareKey()
    with staffed.transaction() as tx:
        tx.execute(
            "INSERT INTO passkey (id, staff_id, credential_id, public_key, sign_count, label, created_at) "
            "VALUES (%s, %s, %s, %s, 0, 'mine', %s)",
            (uuid7(), DANA.id, KEY_ID, made.public, NOON),
        )
    return made


def asked(database: Database) -> bytes:
    with database.transaction() as tx:
        authentication_options(tx, None, SITE, BROWSER, NOON)
    with database.transaction() as tx:
        return take_challenge(tx, BROWSER, NOON)


def whose(database: Database, challenge: bytes, answer: str) -> UUID:
    with database.transaction() as tx:
        return authenticate(tx, SITE, challenge, answer, NOON)


def test_a_key_says_whose_it_is(staffed: Database, key: SoftwareKey) -> None:
    challenge = asked(staffed)

    assert whose(staffed, challenge, key.signs(challenge)) == DANA.id


@pytest.mark.parametrize(
    "answer",
    [
        lambda key, challenge: key.signs(challenge, flags=PRESENT),
        lambda key, challenge: key.signs(challenge, flags=VERIFIED),
        lambda key, challenge: key.signs(b"another challenge"),
        lambda key, challenge: key.signs(challenge, site=Site("evil.example", "https://evil.example")),
        lambda key, challenge: key.signs(challenge, site=Site("clinic.example", "https://clinic.example:444")),
        lambda key, challenge: key.signs(challenge, kind="create"),
        lambda key, challenge: SoftwareKey().signs(challenge),
        lambda key, challenge: key.signs(challenge)[:-40],
    ],
    ids=["owner not verified", "nobody there", "not asked", "elsewhere", "port", "made", "other key", "cut off"],
)
def test_any_other_answer_is_refused(
    staffed: Database, key: SoftwareKey, answer: Callable[[SoftwareKey, bytes], str]
) -> None:
    challenge = asked(staffed)

    with pytest.raises(PasskeyRefused):
        whose(staffed, challenge, answer(key, challenge))


def test_what_a_browser_was_asked_counts_once_and_not_long(staffed: Database, key: SoftwareKey) -> None:
    asked(staffed)

    with pytest.raises(PasskeyRefused), staffed.transaction() as tx:
        take_challenge(tx, BROWSER, NOON)


def test_a_copy_of_a_key_that_counts_backwards_is_refused(staffed: Database, key: SoftwareKey) -> None:
    first, second = asked(staffed), asked(staffed)
    whose(staffed, first, key.signs(first, count=7))

    with pytest.raises(PasskeyRefused):
        whose(staffed, second, key.signs(second, count=7))


def test_the_key_of_a_closed_account_opens_nothing(staffed: Database, key: SoftwareKey) -> None:
    with staffed.transaction() as tx:
        tx.execute("UPDATE staff SET is_active = false WHERE id = %s", (DANA.id,))
    challenge = asked(staffed)

    with pytest.raises(PasskeyRefused):
        whose(staffed, challenge, key.signs(challenge))
