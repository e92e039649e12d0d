"""Telling faults apart: those that pass by themselves, those of the event, those of a rule or of our code."""

import random
import traceback
from collections.abc import Iterator
from typing import Any

import psycopg
from marshmallow import ValidationError

from shared.database import DatabaseUnavailable
from shared.envelope import Undecodable
from shared.eventlog.interface import LogError
from shared.inbox import BeforeBeginning, SequenceGap
from shared.parking.store import Fault

INVALID = (Undecodable, ValidationError)  # no attempt will make these right

# psycopg counts serialisation failures, deadlocks, lock and statement timeouts, full disks and
# lost connections all as OperationalError: nothing of these is the event's fault.
TRANSIENT = (
    DatabaseUnavailable,
    psycopg.OperationalError,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.ReadOnlySqlTransaction,
    LogError,
)

_FIRST, _LONGEST = 0.2, 30.0  # seconds


# Of these, what is away before any event or job was begun.
AWAY = (DatabaseUnavailable, LogError)

# Of these, what PostgreSQL has answered: it works, and has given up this one statement. Once that may be chance or
# somebody else's lock; what is given up again when it is tried alone is put aside, for others may do better.
GIVEN_UP = (
    psycopg.errors.QueryCanceled,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.StatementTooComplex,
)


class Backoff:
    """Growing pauses between attempts: 0.2 s doubling to 30 s (or `longest`), with jitter."""

    def __init__(self, longest: float = _LONGEST) -> None:
        self._longest = longest
        self._failures = 0

    def next(self) -> float:
        """The next pause in seconds."""
        self._failures += 1
        pause = min(self._longest, _FIRST * 2.0 ** min(self._failures - 1, 10))
        return pause * random.uniform(0.7, 1.0)  # noqa: S311 - jitter, not a secret

    def reset(self) -> None:
        """It worked: begin small again."""
        self._failures = 0


def fault_of(error: BaseException) -> Fault:
    """What may be kept of an error: its class and its place, the names of fields, never a value."""
    name = type(error).__name__
    if isinstance(error, Undecodable | SequenceGap | BeforeBeginning):
        return Fault(name, str(error)[:200])
    if isinstance(error, ValidationError):
        return Fault(name, ("fields: " + ", ".join(sorted(_fields(error.messages))))[:200])
    frames = traceback.extract_tb(error.__traceback__)
    place = (
        f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno} in {frames[-1].name}" if frames else "nowhere"
    )
    ours = [frame for frame in frames if "/site-packages/" not in frame.filename]
    if ours and ours[-1] is not frames[-1]:
        place = f"{ours[-1].filename.rsplit('/', 1)[-1]}:{ours[-1].lineno} in {ours[-1].name}"
    return Fault(name, place[:200])


def _fields(messages: Any, path: str = "") -> Iterator[str]:
    if not isinstance(messages, dict):
        yield path or "data"
        return
    for key, inner in messages.items():
        # A name nobody declared may be anything, even a person's.
        name = key if isinstance(key, int) or (isinstance(key, str) and key.isidentifier()) else "?"
        yield from _fields(inner, f"{path}.{name}" if path else str(name))
