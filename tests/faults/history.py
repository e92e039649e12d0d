"""What happened, gathered from everyone who took part, and the one judge over it."""

import json
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import psycopg

from shared.eventlog.interface import EventLog, Record

Told = tuple[UUID, int]  # client, count


@dataclass(frozen=True)
class History:
    """
    Who says what happened.

    Args:
        acknowledged: Counts that a writer was told are committed.
        committed: The last count of each client in the writer's database.
        on_log: Counts in the order of the log, per partition; repetitions included.
        effects: Counts in the order in which they took effect; None where nobody listened.
    """

    acknowledged: frozenset[Told]
    committed: dict[UUID, int]
    on_log: tuple[Told, ...]
    effects: tuple[Told, ...] | None = None


@dataclass(frozen=True)
class Findings:
    """What is wrong with a history; empty when nothing is."""

    unstored: list[Told] = field(default_factory=list)  # acknowledged, but not in the database
    unpublished: list[Told] = field(default_factory=list)  # committed, but not on the log
    without_effect: list[Told] = field(default_factory=list)
    twice: list[Told] = field(default_factory=list)
    out_of_order: list[Told] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return not (self.unstored or self.unpublished or self.without_effect or self.twice or self.out_of_order)


def judge(history: History) -> Findings:
    """Nothing committed lost, nothing in effect twice, order per client kept."""
    stored = {(client, n) for client, last in history.committed.items() for n in range(1, last + 1)}
    published = set(history.on_log)
    effects = history.effects
    in_effect = effects if effects is not None else _first_seen(history.on_log)
    return Findings(
        unstored=sorted(history.acknowledged - stored),
        unpublished=sorted(stored - published),
        without_effect=sorted(stored - set(in_effect)),
        twice=sorted(told for told, times in Counter(in_effect).items() if times > 1),
        out_of_order=_out_of_order(in_effect),
    )


def acknowledged(path: Path) -> frozenset[Told]:
    """What the writers wrote down after each commit; a last line cut by a kill was never acknowledged."""
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return frozenset((UUID(client), int(count)) for client, count in (line.split() for line in lines))


def committed(url: str) -> dict[UUID, int]:
    with psycopg.connect(url) as connection:
        return dict(connection.execute("SELECT client, count FROM counter").fetchall())


def effects(url: str) -> tuple[Told, ...]:
    with psycopg.connect(url) as connection:
        return tuple(connection.execute("SELECT client, count FROM effect ORDER BY no").fetchall())


def on_log(log: EventLog, topic: str, clients: Iterable[UUID]) -> tuple[Told, ...]:
    """Everything on the log about these clients, read by a private reader to its end."""
    wanted = set(clients)
    left = {(topic, partition): end for partition, end in log.end_offsets(topic).items() if end > 0}
    reader = log.reader([topic])
    found: list[Told] = []
    deadline = time.monotonic() + 60
    try:
        while left:
            assert time.monotonic() < deadline, f"the log does not give {left}"
            for record in reader.poll(0.5):
                told = _told(record)
                if told[0] in wanted:
                    found.append(told)
            left = {place: end for place, end in left.items() if reader.position(place) < end}
    finally:
        reader.close()
    return tuple(found)


def _told(record: Record) -> Told:
    data = json.loads(record.value or b"{}")
    return UUID(data["client_id"]), data["count"]


def _first_seen(told: Iterable[Told]) -> tuple[Told, ...]:
    """As a consumer with an inbox sees it: each event once, at its first place."""
    return tuple(dict.fromkeys(told))


def _out_of_order(told: Iterable[Told]) -> list[Told]:
    last: dict[UUID, int] = {}
    wrong = []
    for client, count in told:
        if count <= last.get(client, 0):
            wrong.append((client, count))
        last[client] = max(count, last.get(client, 0))
    return wrong
