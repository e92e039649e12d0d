"""Ten thousand ways to lie about the past, by somebody who may write to the database and cannot sign: all are found."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.security.audit import ChainBroken
from shared.security.audit.chain import FIRST, check, linked
from shared.security.audit.checkpoints import Checkpoint
from shared.security.audit.entries import Entry, entry_of

BEGAN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LENGTH, SIGNED_EVERY, TIMES = 24, 6, 10_000
Rows = list[dict[str, Any]]


def entry(no: int) -> Entry:
    at = BEGAN + timedelta(seconds=no)
    about = (UUID(int=no), UUID(int=no + 1))
    return Entry(
        at, str(UUID(int=no % 3)), ("therapist",), "care", "portal", "client.read", about, ("name",), f"{no:032x}"
    )


def rows_of(entries: list[Entry]) -> Rows:
    who = ("no", "at", "actor", "roles", "purpose", "source")
    names = (*who, "action", "about", "fields", "trace_id", "previous", "hash")
    return [dict(zip(names, link.row, strict=True)) for link in linked(FIRST, 0, entries)]


def checked(rows: Rows, signed: list[Checkpoint], head: tuple[int, bytes] | None = None) -> int:
    """How many entries are chained; `head` as the database says it, or as it fits the last row."""
    no, last = head or ((rows[-1]["no"], rows[-1]["hash"]) if rows else (0, FIRST))
    beside = {"head_no": no, "head_hash": last, "waiting": 0}
    return check((row | beside for row in rows), lambda: {"no": no, "hash": last, "waiting": 0}, signed).chained


WHOLE = [entry(no) for no in range(1, LENGTH + 1)]
ROWS = rows_of(WHOLE)
SIGNED = [Checkpoint("test", no, ROWS[no - 1]["hash"], BEGAN) for no in range(SIGNED_EVERY, LENGTH + 1, SIGNED_EVERY)]


def edited(rng: random.Random, old: Entry) -> Entry:
    """Another entry in its place: one field, however little."""
    changes: dict[str, Any] = {
        "at": old.at + timedelta(microseconds=rng.choice([-1, 1, 10**6])),
        "actor": str(UUID(int=rng.getrandbits(64) + 9)),
        "roles": (*old.roles, "manager"),
        "purpose": "emergency",
        "source": "operator",
        "action": "client.list",
        "about": old.about[: rng.randrange(2)],
        "fields": rng.choice([(), ("phone",), ("name", "phone")]),
        "trace_id": f"{rng.getrandbits(128):032x}",
    }
    name = rng.choice(sorted(changes))
    return replace(old, **{name: changes[name]})


def edit(rng: random.Random, rows: Rows) -> Rows:
    """Change one line and leave the rest."""
    place = rng.randrange(LENGTH)
    changed = edited(rng, entry_of(rows[place]))
    shown = rows_of([changed])[0]
    return [
        *rows[:place],
        rows[place] | {k: shown[k] for k in shown if k not in {"no", "previous", "hash"}},
        *rows[place + 1 :],
    ]


def edit_hash(rng: random.Random, rows: Rows) -> Rows:
    """Change one bit of a hash."""
    place, column = rng.randrange(LENGTH), rng.choice(["hash", "previous"])
    changed = bytearray(rows[place][column].ljust(32, b"\x00"))
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return [*rows[:place], rows[place] | {column: bytes(changed)}, *rows[place + 1 :]]


def delete(rng: random.Random, rows: Rows) -> Rows:
    """Take some lines out of the middle."""
    first = rng.randrange(LENGTH - 1)
    return rows[:first] + rows[first + rng.randrange(1, LENGTH - first) :]


def insert(rng: random.Random, rows: Rows) -> Rows:
    """Put a line in, with a hash that fits what is before it."""
    place = rng.randrange(LENGTH)
    [false] = rows_of([edited(rng, WHOLE[place])])
    return [*rows[:place], false | {"no": place + 1, "previous": rows[place]["previous"]}, *rows[place:]]


def reorder(rng: random.Random, rows: Rows) -> Rows:
    """Let two lines change places."""
    one, other = rng.sample(range(LENGTH), 2)
    changed = list(rows)
    changed[one], changed[other] = changed[other], changed[one]
    return changed


def renumbered(rng: random.Random, rows: Rows) -> Rows:
    """The same, each with the number of its new place."""
    return [row | {"no": no} for no, row in enumerate(reorder(rng, rows), 1)]


def truncate(rng: random.Random, rows: Rows) -> Rows:
    """Cut the end off, and put the head where it fits."""
    return rows[: rng.randrange(LENGTH)]


def rewrite(rng: random.Random, rows: Rows) -> Rows:
    """Write the whole chain anew from a changed line on, so that it fits to its end and beyond."""
    place = rng.randrange(LENGTH)
    entries = [*WHOLE[:place], edited(rng, entry_of(rows[place])), *WHOLE[place + 1 :]]
    return rows_of(entries + [entry(LENGTH + more) for more in range(1, rng.randrange(1, 6))])


def leave_out(rng: random.Random, rows: Rows) -> Rows:
    """Write it anew without a line, filled up to its old length."""
    place = rng.randrange(LENGTH)
    return rows_of([*(entry_of(row) for row in rows[:place]), *WHOLE[place + 1 :], entry(LENGTH + 1)])


KINDS: tuple[Callable[[random.Random, Rows], Rows], ...] = (
    edit,
    edit_hash,
    delete,
    insert,
    reorder,
    renumbered,
    truncate,
    rewrite,
    leave_out,
)


def test_ten_thousand_tamperings_of_every_kind_are_found() -> None:
    rng = random.Random(20261102)
    assert checked(ROWS, SIGNED) == LENGTH

    missed = []
    for number in range(TIMES):
        kind = KINDS[number % len(KINDS)]
        rows = kind(rng, ROWS)
        # Whoever changes the rows puts the head where it fits, or leaves it as it was.
        head = None if number % 2 else (LENGTH, ROWS[-1]["hash"])
        try:
            checked(rows, SIGNED, head)
            missed.append((number, kind.__name__))
        except ChainBroken:
            continue

    assert missed == []


def test_only_the_checkpoints_tell_a_whole_rewriting_and_a_cut_end() -> None:
    rng = random.Random(7)
    for kind in (rewrite, truncate):
        rows = kind(rng, ROWS)

        assert checked(rows, []) == len(rows)
        with pytest.raises(ChainBroken):
            checked(rows, SIGNED)
