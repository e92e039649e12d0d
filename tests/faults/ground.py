"""What the fault tests stand on: a durable PostgreSQL, two services in it, a log, and the loop that kills."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from shared.database.provision import ServiceUrls, provision
from shared.database.roles import database_name, with_database
from shared.eventlog.postgres import LogUser, migrate_log
from shared.ids import uuid7
from tests.broker.subjects import open_impatient
from tests.databases import empty, test_password
from tests.faults import history
from tests.faults.history import History
from tests.faults.nursery import Child, Nursery

TOPICS = ("rapport.counting", "rapport.mirror")


@dataclass(frozen=True)
class Ground:
    """Databases of the two services and the URL of the log between them."""

    counting: ServiceUrls
    mirror: ServiceUrls
    log_url: str
    log_owner: str
    admin: str  # the server's superuser, in the database of the one that counts

    def clear(self) -> None:
        for url in (self.counting.owner, self.mirror.owner, self.log_owner):
            empty(url)

    def make_topics(self, log_url: str) -> None:
        log = open_impatient(log_url)
        for topic in TOPICS:
            log.create_topic(topic)
        log.close()


def prepare(admin_url: str) -> Ground:
    counting = provision(admin_url, "counting", "tests.faults.counting.migrations", test_password)
    mirror = provision(admin_url, "mirror", "tests.faults.mirror.migrations", test_password)
    owner = migrate_log(
        admin_url, [LogUser(role, topics="%", groups="%") for role in ("relay_counting", "relay_mirror")], test_password
    )
    return Ground(counting, mirror, mirror.log, owner, with_database(admin_url, database_name("counting")))


class Clinic:
    """The running processes, who they are, and how far each has come."""

    def __init__(self, ground: Ground, nursery: Nursery, log_url: str, folder: Path, seed: int) -> None:
        self.ground = ground
        self.log_url = log_url
        self.kills: Counter[str] = Counter()
        self._nursery = nursery
        self._chance = random.Random(seed)
        self._seed = seed
        self._clients = [uuid7() for _ in range(20)]
        self._acknowledged = folder / "acknowledged"
        self._children: dict[str, Child] = {}
        self._began_at: dict[str, int] = {}
        self._watch = [psycopg.connect(url, autocommit=True) for url in (ground.admin, ground.mirror.owner)]

    def start(self, name: str, **more: Any) -> None:
        """Start, or start again, the writer, the teller (it relays) or the listener (it consumes)."""
        self._began_at[name] = self.progress(name)
        urls = self.ground.mirror if name == "listener" else self.ground.counting
        settings: dict[str, Any] = {
            "app_url": urls.app,
            "relay_url": urls.relay,
            "sealer_url": urls.sealer,
            "log_url": self.log_url,
        }
        if name == "writer":
            part = "write"
            settings |= {
                "acknowledged": str(self._acknowledged),
                "clients": [str(client) for client in self._clients],
                "seed": f"{self._seed}-{self.kills['writer']}",
            }
        else:
            part = "work"
            settings["service"] = "mirror" if name == "listener" else "counting"
        if "part" in more:
            part = more.pop("part")
            settings["seed"] = self._seed
        self._children[name] = self._nursery.start(part, **settings | more)

    def progress(self, name: str) -> int:
        """A number that grows as this one does its work."""
        if name == "writer":
            return self._acknowledged.stat().st_size if self._acknowledged.exists() else 0
        if name == "listener":
            return self._number(1, "SELECT coalesce(max(no), 0) FROM effect")
        return self._number(0, "SELECT coalesce(max(no), 0) FROM outbox_archive")

    def kill_rounds(self, rounds: int, victims: tuple[str, ...], *, pause: float = 0.12, **writer: Any) -> None:
        """Kill one of the victims at a time, at a random moment while it is at work, and start it again."""
        for _ in range(rounds):
            name = self._pick(victims)
            time.sleep(self._chance.uniform(0.0, pause))
            self._children[name].kill()
            self.kills[name] += 1
            self.start(name, **(writer if name == "writer" else {}))

    def child(self, name: str) -> Child:
        return self._children[name]

    def end_relay_sessions(self) -> None:
        """What a network does to a process that is silent for long: its session is gone."""
        self._number(
            0, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'counting relay'"
        )

    def wait(self, name: str, seconds: float) -> None:
        """Until this one has done all it was asked to do."""
        self._children[name].wait(seconds)

    def finish(self, seconds: float) -> History:
        """Let the writer end and the rest come to rest by themselves; then tell everything that happened."""
        self._children["writer"].terminate()
        self._children["writer"].wait(20)
        total = self._number(0, "SELECT coalesce(sum(count), 0) FROM counter")
        until(lambda: self._at_rest(total), seconds)
        for child in self._children.values():
            child.terminate()
        for child in self._children.values():
            child.wait(20)
        for connection in self._watch:
            connection.close()
        log = open_impatient(self.log_url)
        told = history.on_log(log, TOPICS[0], self._clients)
        log.close()
        return History(
            acknowledged=history.acknowledged(self._acknowledged),
            committed=history.committed(self.ground.counting.owner),
            on_log=told,
            effects=history.effects(self.ground.mirror.owner) if "listener" in self._children else None,
        )

    def _pick(self, victims: tuple[str, ...]) -> str:
        """One that has done something since its start; who cannot work yet is left to recover."""
        name = ""

        def found() -> bool:
            nonlocal name
            # Whoever was spared so far comes first: some need seconds to take up their work again.
            for name in sorted(victims, key=lambda n: self.kills[n] + self._chance.uniform(0, 3)):
                assert self._children[name].alive(), f"the {name} ended by itself: {self._nursery.said()}"
                if self.progress(name) > self._began_at[name]:
                    return True
            return False

        assert until(found, 30), f"nobody gets on: {self._nursery.said()}"
        return name

    def _at_rest(self, total: int) -> bool:
        waiting = self._number(0, "SELECT count(*) FROM outbox")
        if "listener" not in self._children:
            return waiting == 0
        return waiting == 0 and self._number(1, "SELECT count(*) FROM effect") >= total

    def _number(self, which: int, sql: LiteralString) -> int:
        row = self._watch[which].execute(sql).fetchone()
        assert row is not None
        return int(row[0])


def until(happens: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
