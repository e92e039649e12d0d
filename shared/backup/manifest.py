"""
Manifest: what a backup holds, row by row in one number per table, signed by the clinic that made it.

age proves that a file is whole, not who wrote it: anybody may encrypt to a public key. The
signature (Ed25519, RFC 8032) does, with a key that the clinic derives from its own secret.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.backup.plan import BackupRefused

NAME, SIGNATURE = "manifest.json", "manifest.sig"
_FORMAT = 1
_CONTEXT = b"rapport backup manifest 1\n"


@dataclass(frozen=True, slots=True)
class TableState:
    """What a table holds: its number of rows and a hash that does not depend on their order."""

    rows: int
    hash: str


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """One database: its dump, and its tables at the moment of the backup."""

    size: int  # of the dump, bytes
    sha256: str
    tables: Mapping[str, TableState]


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    What a backup says of itself.

    Attributes:
        made_at: When the moment was taken, aware, UTC.
        release: The version of the program.
        server: The version of PostgreSQL.
        moment: The snapshot that all databases share (`pg_current_snapshot`).
        wal_position: Where the write-ahead log stood, for whoever also keeps that.
        databases: By name, such as rapport_intake.
    """

    made_at: datetime
    release: str
    server: str
    moment: str
    wal_position: str
    databases: Mapping[str, DatabaseState]

    @property
    def rows(self) -> int:
        """Of all tables of all databases."""
        return sum(table.rows for one in self.databases.values() for table in one.tables.values())

    def to_json(self) -> bytes:
        """As it is signed and kept."""
        told = {"format": _FORMAT} | asdict(self) | {"made_at": self.made_at.isoformat()}
        return json.dumps(told, indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        """Raises BackupRefused when it is none, or of a later format."""
        try:
            told: dict[str, Any] = json.loads(text)
            number = told.pop("format")
            if number != _FORMAT:
                raise BackupRefused(f"the backup is of format {number}, this program knows {_FORMAT}: use a newer one")
            databases = {
                name: DatabaseState(
                    one["size"],
                    one["sha256"],
                    {table: TableState(**state) for table, state in one["tables"].items()},
                )
                for name, one in told.pop("databases").items()
            }
            return cls(made_at=datetime.fromisoformat(told.pop("made_at")), databases=databases, **told)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise BackupRefused("the backup's manifest cannot be read") from error


def sign(manifest: bytes, seed: bytes) -> bytes:
    """The clinic's signature; `seed` is 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(_CONTEXT + manifest)


def check_signature(manifest: bytes, signature: bytes, seed: bytes) -> None:
    """Raises BackupRefused when another clinic, or nobody, signed it."""
    try:
        Ed25519PrivateKey.from_private_bytes(seed).public_key().verify(signature, _CONTEXT + manifest)
    except InvalidSignature as error:
        raise BackupRefused("the backup was not made by the clinic of these keys") from error
