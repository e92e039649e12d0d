"""Where a sealed field lies: what the encryption vouches for, known to those who keep rows and to those who seal."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed field lies; part of what the encryption vouches for."""

    table: str
    column: str
    row: UUID

    @property
    def associated(self) -> bytes:
        """The associated data of AES-GCM."""
        return f"{self.table}|{self.column}|{self.row}|1".encode()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A ciphertext with its owner and its place, as `Vault.open_many` takes it."""

    owner: UUID
    place: Place
    ciphertext: bytes
