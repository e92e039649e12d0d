"""The processes of the simulated clinic, what befalls them, and what must be so in the end."""

import json
import logging
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

import psycopg
import structlog

from shared.consumer import Consumer
from shared.database import Tx
from shared.envelope import Event, Message, event_headers, event_payload
from shared.eventlog.interface import EventLog, LogError, NewRecord
from shared.faults import TRANSIENT
from shared.inbox_processor import Hearing, Memory
from shared.metrics_pipeline import PipelineMetrics
from shared.parking.retry import Retries
from shared.parking.schedule import TooManyParked
from shared.parking.store import GAP
from shared.relay import Outbox, Relay, Row
from shared.trace import Trace
from tests.simulation.log import TOPIC, MemoryLog
from tests.simulation.storage import OPEN, MemoryBeginnings, MemoryInbox, MemoryParking, MemoryTx, Store
from tests.simulation.world import Process, Restless, World

KIND = "rapport.counting.count.raised.v1"
CLIENTS = [UUID(int=n) for n in (1, 2, 3, 4)]
POISONED = (1, 2)  # this count of this client fails until it is cured
EACH = 5  # events of each of the two writers
ROWS = 3  # rows a batch of the relay
TROUBLED = 700  # steps with faults; then everything has to come to rest
PATIENCE = 8000  # steps in which it has to
TRACE = Trace(f"00-{1:032x}-{1:016x}-01")
METRICS = PipelineMetrics()


class Wrong(AssertionError):
    """An invariant does not hold."""


class Poisoned(Exception):
    """The handler cannot do with this event, yet."""


@dataclass
class Session:
    """The relay's session with the outbox; as `shared.relay.OutboxSession`, in memory."""

    clinic: "Clinic"
    leads: bool = False
    ended: bool = False
    _tx: MemoryTx | None = None

    def lead(self) -> bool:
        if self.leads:
            return True
        store = self.clinic.counting
        self.ended = False
        if self.clinic.leader is not None:
            return False
        self.clinic.leader = self
        self.leads = True
        if self.clinic.led_before:
            store.world.sometimes("another relay took over")
        self.clinic.led_before = True
        return True

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.clinic.counting.transaction() as tx:
            self._tx = cast(MemoryTx, tx)
            self._check()
            try:
                yield
                self._check()
            finally:
                self._tx = None

    def claim(self) -> list[Row]:
        tx = self._open
        rows = self.order(tx.all("outbox"))[:ROWS]
        for seq in rows:
            tx.lock("outbox", seq)
        return [tx.get("outbox", seq) for seq in rows if tx.get("outbox", seq) is not None]

    def order(self, rows: dict[int, Row]) -> list[int]:
        """The order of sending: by number, never by time."""
        return sorted(rows)

    def archive(self, seqs: Sequence[int]) -> None:
        self._check()
        if self.clinic.resent & set(seqs):
            self.clinic.world.sometimes("a batch was sent again and archived")
        for seq in seqs:
            self._open.put("archive", self.clinic.counting.next_number("archive"), self._open.get("outbox", seq))
            self._open.put("outbox", seq, None)

    def wait(self, seconds: float) -> None:
        """Nothing to wait for: the scheduler decides."""

    def close(self) -> None:
        self.end()
        self.leads = False

    def end(self) -> None:
        """The server ends the session: its lock and its transaction are gone, its client may not know."""
        self.ended = True
        if self._tx is not None:
            self._tx.ended = True
            self._tx.release()
        if self.clinic.leader is self:
            self.clinic.leader = None

    @property
    def _open(self) -> MemoryTx:
        assert self._tx is not None
        return self._tx

    def _check(self) -> None:
        if self.ended:
            raise psycopg.OperationalError("terminating connection due to administrator command")


class Clinic:
    """
    Two writers, two relays, three consumers, the log between them and all that may go wrong.

    What can be done wrong is planted by subclasses (`tests.simulation.bugs`); nothing of it is in the product.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.counting, self.mirror = Store(world), Store(world)
        self.log = MemoryLog(world)
        self.leader: Session | None = None
        self.led_before = False
        self.sessions: dict[str, Session] = {}
        self.acknowledged: set[tuple[UUID, int]] = set()
        self.resent: set[int] = set()
        self.poisoned = world.chance.random() < 0.5
        self.parts: dict[str, Callable[[], None]] = {
            "writer 1": self.writes,
            "writer 2": self.writes,
            "relay 1": lambda: self.relays("relay 1"),
            "relay 2": lambda: self.relays("relay 2"),
            "consumer 1": self.consumes,
            "consumer 2": self.consumes,
            "consumer 3": self.consumes,
        }
        self.running: dict[str, Process] = {}

    # The processes.

    def writes(self) -> None:
        """Count for clients, each in a transaction with its event; who is restarted goes on counting."""
        for _ in range(EACH):
            client = self.world.chance.choice(CLIENTS)
            try:
                self.write(client)
            except (LogError, psycopg.OperationalError):
                continue
            self.world.pause("rests")

    def write(self, client: UUID) -> None:
        """The right way: the event is a row of the same transaction."""
        with self.counting.transaction() as given:
            tx = cast(MemoryTx, given)
            event = self.count(tx, client)
            self.put_in_outbox(tx, event)
            self.world.pause("has its number, and commits late")
        self.acknowledged.add((client, event.sequence))

    def count(self, tx: MemoryTx, client: UUID) -> Event:
        """One more for this client, whose row is held from here on."""
        tx.lock("counter", client)
        count = (tx.get("counter", client) or 0) + 1
        tx.put("counter", client, count)
        return Event(
            service="counting",
            kind="count.raised.v1",
            subject=f"counter/{client}",
            key=client,
            sequence=count,
            time=self.world.now,
            data={"client_id": client, "count": count},
            id=UUID(int=self.world.chance.getrandbits(128)),
        )

    def put_in_outbox(self, tx: MemoryTx, event: Event) -> None:
        seq = self.counting.next_number("outbox")
        headers = json.dumps(event_headers(event, TRACE))
        tx.put("outbox", seq, (seq, TOPIC, str(event.key).encode(), headers, event_payload(event), event.type))

    def session(self) -> Session:
        return Session(self)

    def relay(self, outbox: Outbox) -> Relay:
        return Relay("counting", outbox, cast(EventLog, self.log), METRICS)

    def relays(self, name: str) -> None:
        """The product's relay, batch by batch."""
        session = self.sessions[name] = self.session()
        relay = self.relay(session)
        while not self.world.ending:
            try:
                relay.drain_once()
            except (LogError, psycopg.OperationalError):
                self.resent |= set(self.counting.rows.get("outbox", {}))
            self.world.pause("rests")
        relay.close()

    def consumes(self) -> None:
        """The product's consumer and retries, step by step."""
        hearing = self.hearing()
        consumer = Consumer(hearing, self.listened_log(), [TOPIC])
        retries = Retries(hearing, self.listened_log())
        while not self.world.ending:
            for step in (consumer.step, retries.run_due):
                try:
                    step()
                except TooManyParked:
                    self.world.sometimes("a consumer stopped since too much failed")
                except TRANSIENT:
                    pass
                self.world.pause("rests")
        consumer.close()

    def hearing(self) -> Hearing:
        return Hearing(
            "mirror",
            {KIND: self.heard},
            self.mirror,
            self.world.clock,
            METRICS,
            MemoryBeginnings(self.log.starts),
            memory=self.memory(),
            parking=MemoryParking(),
        )

    def memory(self) -> Memory:
        return MemoryInbox()

    def listened_log(self) -> EventLog:
        return cast(EventLog, self.log)

    def heard(self, tx: Tx, message: Message, *, now: datetime) -> None:
        """Write the count down; the poisoned one is written too, and must vanish with its failure."""
        memory = cast(MemoryTx, tx)
        client, count = UUID(message.data["client_id"]), message.data["count"]
        memory.put("effects", self.mirror.next_number("effects"), (client, count))
        self.world.pause(f"has the effect of {client.int}/{count}")
        if self.poisoned and (client.int, count) == POISONED:
            raise Poisoned

    # What befalls them.

    def begin(self) -> None:
        self.mirror.flaky = self.counting.flaky = 0.01
        self.log.failing, self.log.repeating = 0.15, 0.03
        for name in self.parts:
            self.start(name)

    def start(self, name: str) -> None:
        self.running[name] = self.world.start(name, self.parts[name])

    def trouble(self) -> None:
        """Perhaps something befalls somebody."""
        if self.world.chance.random() > 0.05:
            return
        befalls = self.world.chance.choice(
            (self._kill, self._kill, self._stall, self._stall, self._leave, self._clock, self._trim, self._lose_log)
        )
        befalls()

    def restart(self) -> None:
        """Who is gone is started again, except a writer who has written all of his."""
        for name in self.parts:
            if not self.running[name].alive and not name.startswith("writer"):
                self.start(name)

    def _kill(self) -> None:
        name = self.world.chance.choice(list(self.parts))
        if self.running[name].alive:
            self._end(name)
            self.world.sometimes(f"a {name.split()[0]} was killed")
            self.start(name)

    def _end(self, name: str) -> None:
        self.world.kill(self.running[name])
        if name in self.sessions:
            self.sessions[name].end()

    def _stall(self) -> None:
        """Stand still for long; the server may end the session of one that is silent."""
        name = self.world.chance.choice(list(self.parts))
        self.running[name].stalled = self.world.chance.randrange(20, 150)
        session = self.sessions.get(name)
        if session is not None and session.leads and self.world.chance.random() < 0.7:
            session.end()
            self.world.sometimes("the relay that led lost its session and does not know")

    def _leave(self) -> None:
        self.running[self.world.chance.choice(["consumer 1", "consumer 2", "consumer 3"])].asked_to_end = True
        self.world.sometimes("a consumer left")

    def _clock(self) -> None:
        hours = self.world.chance.choice((-72, -1, 1, 72))
        self.world.now += timedelta(hours=hours)
        self.world.sometimes("the clock stepped back" if hours < 0 else "the clock stepped ahead")

    def _trim(self) -> None:
        self.log.trim()

    def _lose_log(self) -> None:
        """The log is lost and filled again from the archive, with the relays stopped, as the runbook says."""
        if self.world.chance.random() > 0.3:
            return
        for name in ("relay 1", "relay 2"):
            self._end(name)
        self.log.make_anew()
        for _, row in sorted(self.counting.rows.get("archive", {}).items()):
            self.log.take(NewRecord(row[2], row[4], tuple((name, value) for name, value in json.loads(row[3]))))
        self.world.sometimes("the log was made anew")
        self.restart()

    # What must be so.

    def come_to_rest(self) -> None:
        """No more faults: everything has to end by itself, first but for the poisoned key, then all of it."""
        self.mirror.flaky = self.counting.flaky = self.log.failing = self.log.repeating = 0.0
        if self.poisoned:
            self._until(lambda: self._behind() <= {POISONED[0]} and self._is_read())
            stuck = self.mirror.rows.get("keys", {})
            if stuck:
                self.world.sometimes("a poisoned key waited while all others were done")
            if self._behind() - {POISONED[0]}:
                raise Wrong(f"the poisoned key holds up others: {self._behind()}")
            self.poisoned = False
        self._until(lambda: not self._behind() and self._is_read() and not self._open_parked())

    def check(self) -> None:
        """Nothing lost, nothing twice, in order, and nothing left behind."""
        effects: dict[UUID, list[int]] = defaultdict(list)
        for _, (client, count) in sorted(self.mirror.rows.get("effects", {}).items()):
            effects[client].append(count)
        committed = self.counting.rows.get("counter", {})
        for client in CLIENTS:
            wanted = list(range(1, committed.get(client, 0) + 1))
            if effects[client] != wanted:
                twice = [count for count, times in Counter(effects[client]).items() if times > 1]
                lost = sorted(set(wanted) - set(effects[client]))
                raise Wrong(f"client {client.int}: {effects[client]} of {wanted}; lost {lost}, twice {twice}")
        lost_acks = {(client, count) for client, count in self.acknowledged if count not in effects[client]}
        if lost_acks:
            raise Wrong(f"acknowledged and lost: {lost_acks}")

    def _behind(self) -> set[int]:
        """The clients of whom not everything has taken effect."""
        effects = Counter(client for client, _ in self.mirror.rows.get("effects", {}).values())
        return {c.int for c, count in self.counting.rows.get("counter", {}).items() if effects[c] < count}

    def _is_read(self) -> bool:
        writing = any(self.running[name].alive for name in self.parts if name.startswith("writer"))
        return not writing and not self.counting.rows.get("outbox") and self.log.lag() == 0

    def _open_parked(self) -> bool:
        return any(event.state in OPEN for event in self.mirror.rows.get("parked", {}).values())

    def _cure(self) -> None:
        """The release that can do with it is out, and an operator has all that wait for a person tried again."""
        parked = self.mirror.rows.get("parked", {})
        for number, event in parked.items():
            free = ("parked", number) not in self.mirror.locks
            if free and event.state == "waiting" and event.error_class != GAP:
                parked[number] = replace(event, state="retrying", next_attempt_at=self.world.now)

    def _until(self, done: Callable[[], bool]) -> None:
        for steps in range(PATIENCE):
            if done():
                return
            self.restart()
            self.world.step()
            if steps % 200 == 199:
                self.world.now += timedelta(minutes=10)  # what is due later is due now
                if not self.poisoned:
                    self._cure()
        parked = [event for event in self.mirror.rows.get("parked", {}).values() if event.state in OPEN]
        raise Restless(
            f"behind: {self._behind()}, lag {self.log.lag()}, outbox {len(self.counting.rows.get('outbox', {}))}, "
            f"parked {[(event.state, event.error_class) for event in parked]}"
        )


def live(seed: int, kind: type[Clinic] = Clinic, tell: Callable[[str], None] | None = None) -> set[str]:
    """
    Live through one seed; returns what was reached on the way.

    Raises:
        Wrong, Restless: the seed has found something.
    """
    before = random.getstate()
    random.seed(seed)  # the product's jitter
    world = World(seed, tell)
    clinic = kind(world)
    try:
        with quiet():
            clinic.begin()
            for _ in range(TROUBLED):
                clinic.trouble()
                clinic.restart()
                world.step()
            clinic.come_to_rest()
            clinic.check()
    finally:
        with quiet():
            world.end()
        random.setstate(before)
    return world.reached


@contextmanager
def quiet() -> Iterator[None]:
    """Without the product's log lines: thousands of seeds would write millions."""
    kept = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**kept)
