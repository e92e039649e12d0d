"""
Mistakes that teams make here, planted one at a time; the simulation has to find each.

None of this is in the product. The first two are those that tests/faults shows with real
processes; here each is found within seconds, with the seed that shows it.
"""

from collections.abc import Iterable
from typing import cast
from uuid import UUID

from shared.database import Tx
from shared.envelope import Message, to_record
from shared.eventlog.interface import EventLog, Record
from shared.inbox import EventId, Story, Subject, subject_of
from shared.inbox_processor import Memory
from shared.relay import Outbox, Relay, Row, bounded
from tests.simulation.clinic import METRICS, TRACE, Clinic, Session
from tests.simulation.log import TOPIC, MemoryLog, MemorySubscription
from tests.simulation.storage import MemoryInbox, MemoryTx


class LastNumberSeen(Clinic):
    """The relay remembers the last number it has sent: who commits late under a lower one is never read."""

    def session(self) -> Session:
        return _Cursor(self)


class _Cursor(Session):
    def order(self, rows: dict[int, Row]) -> list[int]:
        last = max((row[0] for row in self.clinic.counting.rows.get("archive", {}).values()), default=0)
        return sorted(seq for seq in rows if seq > last)


class DualWrite(Clinic):
    """The change is committed, then told: a crash between the two is a loss."""

    def write(self, client: UUID) -> None:
        with self.counting.transaction() as tx:
            event = self.count(cast(MemoryTx, tx), client)
        self.acknowledged.add((client, event.sequence))
        self.log.append(TOPIC, [to_record(event, TRACE)])


class OffsetBeforeEffect(Clinic):
    """Places are committed as soon as records were read, as with auto-commit."""

    def listened_log(self) -> EventLog:
        return cast(EventLog, _Hasty(self.log))


class _Hasty:
    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    def subscribe(self, group: str, topics: list[str]) -> "_HastySubscription":
        return _HastySubscription(self._log, self._log.subscribe(group, topics).me)

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)


class _HastySubscription(MemorySubscription):
    def poll(self, timeout: float, max_records: int = 500) -> list[Record]:
        records = super().poll(timeout, max_records)
        if records:
            super().commit({(r.topic, r.partition): r.offset + 1 for r in records})
        return records


class NoVersionGate(Clinic):
    """Ids alone are looked at: what comes in the wrong order takes effect in the wrong order."""

    def memory(self) -> Memory:
        return _NoGate()

    def begin(self) -> None:
        super().begin()
        self.log.failing = 0.4


class _NoGate(MemoryInbox):
    def stories(self, tx: Tx, consumer: str, messages: Iterable[Message]) -> dict[Subject, Story]:
        return {subject_of(m): Story((m.sequence or 1) - 1) for m in reversed(list(messages))}


class NoInbox(Clinic):
    """Every id counts as new, and an old sequence as the next: what comes twice takes effect twice."""

    def memory(self) -> Memory:
        return _NoIds()


class _NoIds(_NoGate):
    def keep_ids(self, tx: Tx, consumer: str, messages: Iterable[Message], *, now: object) -> set[EventId]:
        return {(message.source, message.id) for message in messages}


class IdsAlone(NoVersionGate):
    """
    No mistake by itself where every batch arrives whole and one relay keeps the order: the ground of the next two.

    That it survives shows that they are found for what is planted in them.
    """

    def begin(self) -> None:
        super().begin()
        self.log.failing = 0.0


class TwoRelays(IdsAlone):
    """Two relays at once, each passing over the rows that the other holds (SKIP LOCKED)."""

    def session(self) -> Session:
        return _SkipLocked(self)


class _SkipLocked(Session):
    def lead(self) -> bool:
        self.ended, self.leads = False, True
        return True

    def order(self, rows: dict[int, Row]) -> list[int]:
        return [seq for seq in sorted(rows) if not self._open.is_locked("outbox", seq)]


class ArchiveBeforeSend(Clinic):
    """Rows leave the outbox before the log has confirmed them."""

    def relay(self, outbox: Outbox) -> Relay:
        return _TooEarly("counting", outbox, cast(EventLog, self.log), METRICS)


class _TooEarly(Relay):
    def drain_once(self) -> int:
        if not self._lead():
            return 0
        with self._outbox.transaction():
            rows = bounded(self._outbox.claim())
            self._outbox.archive([row[0] for row in rows])
        if rows:
            self._append(rows)
        return len(rows)


class ByWallClock(IdsAlone):
    """Rows are sent in the order of their time, which steps back."""

    def session(self) -> Session:
        return _ByTime(self)

    def trouble(self) -> None:
        super().trouble()
        if self.world.chance.random() < 0.05:
            self._clock()


class _ByTime(Session):
    def order(self, rows: dict[int, Row]) -> list[int]:
        def time_of(seq: int) -> str:
            return str(rows[seq][3]).partition('"ce_time", "')[2][:32]

        return sorted(rows, key=time_of)


PLANTED: tuple[type[Clinic], ...] = (
    LastNumberSeen,
    DualWrite,
    OffsetBeforeEffect,
    NoVersionGate,
    NoInbox,
    TwoRelays,
    ArchiveBeforeSend,
    ByWallClock,
)
