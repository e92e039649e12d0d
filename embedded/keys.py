"""
The installation's one secret, in a folder of its own outside the data.

Everything else is derived from it (HKDF-SHA-256, RFC 5869): the services' master keys,
the roles' passwords, the seeds of the token keys. One file to keep safe, backed up
apart from the data: without it sealed fields cannot be read by anybody.
"""

import base64
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.backup.plan import RECIPIENT, RECOVERY_KEY
from shared.files import write_whole

_BYTES = 32
_FILE = "master.key"


class KeysRefused(Exception):
    """The key folder cannot be used as it is; the message says what to change."""


class KeyRing(Protocol):
    """The secrets of an installation, whatever form they are kept in."""

    def secret(self, label: str) -> bytes:
        """32 bytes that belong to `label` alone."""

    def password(self, role: str) -> str:
        """The database password of a role."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The installation's secret and what is derived from it."""

    master: bytes

    def secret(self, label: str) -> bytes:
        """32 bytes that belong to `label` alone."""
        info = f"rapport|installation|{label}".encode()
        return HKDF(algorithm=SHA256(), length=_BYTES, salt=None, info=info).derive(self.master)

    def password(self, role: str) -> str:
        """The database password of a role."""
        return base64.urlsafe_b64encode(self.secret(f"database|{role}")).decode().rstrip("=")


def key_file(folder: Path) -> Path:
    """Where the master key lies in a key folder."""
    return folder / _FILE


def load_or_make_keys(folder: Path, *, data: Path) -> Keys:
    """
    Read the master key, or make one on first use.

    Raises:
        KeysRefused: others may read the key, it is damaged, it cannot be written, or there is
            data already but no key for it.
    """
    path = key_file(folder)
    if not path.exists():
        if (data / "PG_VERSION").exists() or (data / "postgres" / "PG_VERSION").exists():
            raise KeysRefused(f"{path} is missing, and the data in {data} cannot be read without it: restore it")
        try:
            _make(folder, path)
        except OSError as error:
            raise KeysRefused(
                f"the key folder {folder} cannot be written ({error.strerror}): set RAPPORT_KEYS to one that can be"
            ) from error
    return load_keys(folder)


def load_keys(folder: Path) -> Keys:
    """Read the master key. Raises KeysRefused: it is missing or damaged, or others may read it."""
    path = key_file(folder)
    if not path.exists():
        raise KeysRefused(f"{path} is missing: restore it from its backup")
    if path.stat().st_mode & 0o077 or folder.stat().st_mode & 0o077:
        raise KeysRefused(f"others may read {path}: chmod 700 {folder} && chmod 400 {path}")
    try:
        master = bytes.fromhex(path.read_text().strip())
    except ValueError as error:
        raise KeysRefused(f"{path} is damaged: restore it from its backup") from error
    if len(master) != _BYTES:
        raise KeysRefused(f"{path} is damaged: restore it from its backup")
    return Keys(master)


def make_recovery_key(folder: Path) -> bool:
    """
    Make the pair of keys for backups unless the public half is there; tells whether it did.

    Backups are encrypted to the public half, RECIPIENT. The private half, RECOVERY_KEY, is read by
    nothing in here: its place is elsewhere.
    """
    if (folder / RECIPIENT).exists():
        return False
    from shared.backup.archive import new_identity  # noqa: PLC0415 - once in a clinic's life

    private, public = new_identity()
    write_whole(folder / RECOVERY_KEY, f"{private}\n".encode(), mode=0o400)
    write_whole(folder / RECIPIENT, f"{public}\n".encode(), mode=0o400)
    return True


def _make(folder: Path, path: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written whole or not at all: half a key would look like a damaged one for ever.
    write_whole(path, f"{secrets.token_bytes(_BYTES).hex()}\n".encode(), mode=0o400)
