"""
Checkpoints: how far the trail has come, signed and kept outside the database.

Whoever may write to the database can write a whole chain anew, or cut off its end, so that
it fits again. What they cannot do is sign (Ed25519, RFC 8032): a count, the hash at that
count and the time, one JSON object a line in a file that only grows.
"""

import base64
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_TAIL_BYTES = 8192  # more than a few lines


class CheckpointsUnreadable(ValueError):
    """A file of checkpoints is damaged, or signed by somebody else; the message names the line."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The trail had `count` entries at `at`, and the last one's hash was `hash`."""

    service: str
    count: int
    hash: bytes
    at: datetime

    @property
    def signed(self) -> bytes:
        """What the signature covers."""
        parts = ["rapport audit checkpoint 1", self.service, self.count, self.hash.hex(), self.at.isoformat()]
        return json.dumps(parts, separators=(",", ":")).encode()


class Checkpoints:
    """
    The checkpoints of one service: `<folder>/<service>.jsonl`, made when the first is written.

    Args:
        folder: Outside the database's own, best on another disk or host.
        service: Whose trail.
        seed: 32 bytes, the private key; neither the web processes nor the database have it.
    """

    def __init__(self, folder: Path, service: str, seed: bytes) -> None:
        self.path = folder / f"{service}.jsonl"
        self._service = service
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    def write(self, count: int, head: bytes, at: datetime) -> None:
        """
        Add one, on disk when this returns.

        Raises:
            OSError: it could not be written; the chain goes on, and the next one covers it.
        """
        made = Checkpoint(self._service, count, head, at.astimezone(UTC))
        line = {
            "service": made.service,
            "count": made.count,
            "hash": made.hash.hex(),
            "at": made.at.isoformat(),
            "signature": base64.b64encode(self._key.sign(made.signed)).decode(),
        }
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            # Half a line is what a crash left; ours begins on a line of its own.
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            os.write(descriptor, (b"\n" if torn else b"") + json.dumps(line).encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def newest(self) -> Checkpoint | None:
        """
        The last one, without reading the whole file; None if there is none.

        Raises:
            CheckpointsUnreadable: as of `read`.
        """
        if not self.path.exists():
            return None
        with self.path.open("rb") as file:
            file.seek(max(0, self.path.stat().st_size - _TAIL_BYTES))
            lines = file.read().splitlines()
        public = self._key.public_key()
        # The first of these lines may be cut; that one is no JSON, like one that a crash tore.
        found = (self._read(line, no - len(lines), public) for no, line in reversed(list(enumerate(lines))))
        return next((checkpoint for checkpoint in found if checkpoint is not None), None)

    def read(self) -> list[Checkpoint]:
        """
        All of them, oldest first, signatures checked; none if none was ever written.

        A line that is no JSON was torn by a crash before anybody relied on it, and is left out.

        Raises:
            CheckpointsUnreadable: a line holds something else, or is not signed by this key.
        """
        if not self.path.exists():
            return []
        public = self._key.public_key()
        lines = self.path.read_bytes().splitlines()
        return [found for no, line in enumerate(lines, 1) if (found := self._read(line, no, public)) is not None]

    def _read(self, line: bytes, no: int, public: Ed25519PublicKey) -> Checkpoint | None:
        try:
            told = json.loads(line)
        except ValueError:
            return None
        try:
            found = Checkpoint(
                told["service"], told["count"], bytes.fromhex(told["hash"]), datetime.fromisoformat(told["at"])
            )
            public.verify(base64.b64decode(told["signature"], validate=True), found.signed)
        except (InvalidSignature, KeyError, TypeError, ValueError) as error:
            raise CheckpointsUnreadable(f"{self.path}, line {no}: not signed by this key, or altered") from error
        if found.service != self._service:
            raise CheckpointsUnreadable(f"{self.path}, line {no}: of another service's trail ({found.service})")
        return found
