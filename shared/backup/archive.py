"""
The file of a backup: a tar stream inside an age file (age-encryption.org/v1).

age authenticates every 64 KiB and marks the last: one changed byte, or an end cut off, is
noticed. Whoever holds the public half of a key can write such a file and cannot read it.
Without Rapport it is opened by `age -d`, `tar x`, `cat` and `pg_restore`.
"""

import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any

import pyrage
from pyrage import x25519

from shared.backup.plan import BackupRefused

CHUNK = 4 * 1024 * 1024  # bytes of a dump in one member of the tar: a dump's length is not known beforehand
_BLOCK = tarfile.BLOCKSIZE

Member = tuple[str, bytes]
Sink = Callable[[str, bytes], None]


def new_identity() -> tuple[str, str]:
    """A new pair of keys: the private half (AGE-SECRET-KEY-1...) and the public one (age1...)."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def write(file: IO[bytes], recipients: Iterable[str], members: Iterable[Member]) -> None:
    """
    Write members to a file that each of the recipients can open.

    Memory is bounded by the largest member; nothing is on disk in clear.

    Raises:
        BackupRefused: a recipient is no public key of age.
        OSError: the file cannot be written.
        Exception: what the members raise while they are made.
    """
    try:
        keys = [x25519.Recipient.from_str(one) for one in recipients]
    except pyrage.RecipientError as error:
        raise BackupRefused("the key to encrypt to is no public key of age (age1...)") from error
    feed = _Feed(members)
    try:
        pyrage.encrypt_io(feed, file, keys)
    except pyrage.EncryptError as error:
        raise feed.failed or OSError(str(error)) from error


def read(file: IO[bytes], identities: Sequence[str], sink: Sink) -> None:
    """
    Hand every member to `sink`, in order. What was handed over is proved only when this returns.

    Raises:
        BackupRefused: no identity opens it, or it is damaged or cut off.
        Exception: what the sink raises.
    """
    try:
        keys = [x25519.Identity.from_str(one) for one in identities]
    except pyrage.IdentityError as error:
        raise BackupRefused("the key is no private key of age (AGE-SECRET-KEY-1...)") from error
    members = _Members(sink)
    try:
        pyrage.decrypt_io(file, members, keys)
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            raise BackupRefused("this key does not open this backup, or its first bytes are damaged") from error
        raise BackupRefused(f"the backup is damaged: {error}") from error
    except OSError as error:
        raise members.failed or BackupRefused("the backup is damaged or cut off") from error
    if not members.ended:
        raise BackupRefused("the backup is cut off")


class _Feed:
    """Reads as a file what is made while it is read."""

    def __init__(self, members: Iterable[Member]) -> None:
        self.failed: BaseException | None = None
        self._pieces = _tar(members)
        self._left = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, as age asks for them; empty at the end."""
        try:
            while not self._left:
                self._left = memoryview(next(self._pieces))
        except StopIteration:
            return b""
        except BaseException as error:
            self.failed = error  # age passes on no more than its words
            raise
        taken = self._left if size < 0 else self._left[:size]
        self._left = self._left[len(taken) :]
        return bytes(taken)


def _tar(members: Iterable[Member]) -> Iterator[bytes]:
    for name, content in members:
        header = tarfile.TarInfo(name)
        header.size, header.mode = len(content), 0o600
        yield header.tobuf(tarfile.USTAR_FORMAT)
        yield content
        yield b"\0" * (-len(content) % _BLOCK)
    yield b"\0" * (2 * _BLOCK)


class _Members:
    """Takes a tar stream in pieces of any size, and gives whole members on."""

    def __init__(self, sink: Sink) -> None:
        self.ended = False
        self.failed: BaseException | None = None
        self._sink = sink
        self._bytes = bytearray()
        self._header: tarfile.TarInfo | None = None

    def write(self, piece: Any) -> int:
        """Take what age has opened."""
        self._bytes += piece
        try:
            while not self.ended and self._step():
                pass
        except BaseException as error:
            self.failed = error
            raise
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back that could be given on."""

    def _step(self) -> bool:
        if self._header is None:
            if len(self._bytes) < _BLOCK:
                return False
            block = bytes(self._bytes[:_BLOCK])
            del self._bytes[:_BLOCK]
            if block == b"\0" * _BLOCK:
                self.ended = True
                return False
            try:
                self._header = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
            except tarfile.HeaderError as error:
                raise BackupRefused("the backup holds something else than Rapport writes") from error
            if self._header.size > CHUNK:
                raise BackupRefused("the backup holds something else than Rapport writes")
        whole = self._header.size + -self._header.size % _BLOCK
        if len(self._bytes) < whole:
            return False
        content = bytes(self._bytes[: self._header.size])
        del self._bytes[:whole]
        name, self._header = self._header.name, None
        self._sink(name, content)
        return True
