"""
Sealed fields: identifying data and free text are stored encrypted, bound to their row.

Master key (KEK, outside the data folder) -> one data key (DEK) per person, stored
wrapped -> fields by AES-256-GCM (NIST SP 800-38D) with table, column, row and key
version as associated data, so that a ciphertext moved to another row does not open.
Destroying a person's wrapped key makes all of their sealed fields unreadable at once.
"""

import hashlib
import hmac
import os
import unicodedata
from collections.abc import Iterable, Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.database.tx import Tx
from shared.security.place import Place, Sealed

__all__ = ["KEY_BYTES", "THE_SERVICE", "CannotOpen", "Place", "Sealed", "Vault"]

KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = b"\x01"
THE_SERVICE = UUID(int=0)  # owner of sealed data that belongs to no single person


class CannotOpen(Exception):
    """A sealed field does not open: wrong key, moved to another row, damaged, or its person was erased."""


class Vault:
    """
    The keys of one service.

    Args:
        master: 32 bytes. Wrapping key and blind-index key are derived from it (HKDF,
            RFC 5869) with the service's name, so no two services share a key even if
            they are given the same master.
        service: The service's name.
        key_id: Says in `data_key` which master wrapped a key.
    """

    def __init__(self, master: bytes, *, service: str, key_id: str = "1") -> None:
        if len(master) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes, this one has {len(master)}")
        self._wrap = AESGCM(_derive(master, f"rapport|{service}|wrap"))
        self._index = _derive(master, f"rapport|{service}|blind-index")
        self.key_id = key_id
        self._own: bytes | None = None  # the service's own data key, as long as the process lives

    def seal(self, tx: Tx, owner: UUID, place: Place, text: str) -> bytes:
        """Encrypt `text` under the owner's key, which is made if there is none yet."""
        key = self._keys(tx, [owner], make=True)[owner]
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + AESGCM(key).encrypt(nonce, text.encode(), place.associated)

    def open(self, tx: Tx, owner: UUID, place: Place, ciphertext: bytes) -> str:
        """Decrypt one field; raises CannotOpen."""
        return self.open_many(tx, [Sealed(owner, place, ciphertext)])[0]

    def open_many(self, tx: Tx, items: Sequence[Sealed]) -> list[str]:
        """Decrypt many fields with one look-up of keys; raises CannotOpen if any of them does not open."""
        keys = self._keys(tx, {item.owner for item in items}, make=False)
        return [_open(keys.get(item.owner), item) for item in items]

    def blind(self, purpose: str, text: str) -> bytes:
        """
        A blind index: equal texts give equal bytes, and the bytes tell nothing without the key.

        Case, accents' composition and surrounding space do not matter (NFKC, casefold).
        """
        plain = unicodedata.normalize("NFKC", text).casefold().strip()
        return hmac.new(self._index, f"{purpose}|{plain}".encode(), hashlib.sha256).digest()

    def destroy(self, tx: Tx, owner: UUID) -> bool:
        """Destroy the owner's data key; tells whether there was one. Nothing sealed for them opens again."""
        tx.keys.pop(owner, None)
        return tx.execute("DELETE FROM data_key WHERE owner = %s", (owner,)) > 0

    def _keys(self, tx: Tx, owners: Iterable[UUID], *, make: bool) -> dict[UUID, bytes]:
        if self._own is not None:
            tx.keys.setdefault(THE_SERVICE, self._own)
        missing = [owner for owner in owners if owner not in tx.keys]
        if missing:
            for row in tx.rows("SELECT owner, wrapped FROM data_key WHERE owner = ANY(%s)", (missing,)):
                tx.keys[row["owner"]] = self._unwrap(row["owner"], row["wrapped"])
            if THE_SERVICE in missing:
                # Found, hence committed. One made below may yet be rolled back, and is looked up next time.
                self._own = tx.keys.get(THE_SERVICE)
        if make:
            for owner in missing:
                if owner not in tx.keys:
                    tx.keys[owner] = self._make(tx, owner)
        return tx.keys

    def _make(self, tx: Tx, owner: UUID) -> bytes:
        nonce, key = os.urandom(_NONCE_BYTES), os.urandom(KEY_BYTES)
        wrapped = nonce + self._wrap.encrypt(nonce, key, owner.bytes)
        tx.execute(
            "INSERT INTO data_key (owner, wrapped, kek_id) VALUES (%s, %s, %s) ON CONFLICT (owner) DO NOTHING",
            (owner, wrapped, self.key_id),
        )
        # Two first writers at once: the one that came second takes the key that is there.
        kept: bytes = tx.value("SELECT wrapped FROM data_key WHERE owner = %s", (owner,))
        return self._unwrap(owner, kept)

    def _unwrap(self, owner: UUID, wrapped: bytes) -> bytes:
        try:
            return self._wrap.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], owner.bytes)
        except InvalidTag as error:
            raise CannotOpen("a data key does not unwrap: is this the right master key?") from error


def _derive(master: bytes, label: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label.encode()).derive(master)


def _open(key: bytes | None, item: Sealed) -> str:
    where = f"{item.place.table}.{item.place.column}"
    if key is None:
        raise CannotOpen(f"{where}: its key does not exist")
    if item.ciphertext[:1] != _VERSION:
        raise CannotOpen(f"{where}: unknown format")
    nonce, body = item.ciphertext[1 : 1 + _NONCE_BYTES], item.ciphertext[1 + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, item.place.associated).decode()
    except (InvalidTag, ValueError) as error:  # ValueError: cut so short that not even the nonce is whole
        raise CannotOpen(f"{where}: wrong key, wrong row, or damaged") from error
