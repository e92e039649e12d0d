"""The chain: each entry's hash covers the one before it, so that no line can be changed, moved or taken out."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.database.tx import Row, Tx
from shared.security.audit.checkpoints import Checkpoint
from shared.security.audit.entries import Entry, entry_of

FIRST = b"\x00"  # what the first entry follows

_HEAD = (
    "SELECT no, hash, (SELECT count(*) FROM audit_waiting) AS waiting, EXISTS (SELECT 1 FROM audit) AS has_entries "
    "FROM audit_head"
)
# The head comes from the same snapshot: entries sealed meanwhile must not look like a break.
_WHOLE = (
    "SELECT a.*, h.no AS head_no, h.hash AS head_hash, h.waiting "
    "FROM audit a LEFT JOIN (SELECT no, hash, (SELECT count(*) FROM audit_waiting) AS waiting FROM audit_head) h "
    "ON true ORDER BY a.no"
)


class ChainBroken(Exception):
    """The trail was altered or cut; the message names the first number that does not fit."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A trail that is whole: how many entries are chained, how many wait to be, and how many checkpoints agree."""

    chained: int
    waiting: int
    checkpoints: int


@dataclass(frozen=True, slots=True)
class Link:
    """An entry in its place in the chain."""

    no: int
    previous: bytes
    hash: bytes
    entry: Entry

    @property
    def row(self) -> tuple[object, ...]:
        """In the order of the table's columns."""
        e = self.entry
        about, fields = list(e.about), list(e.fields)
        who = (e.actor, list(e.roles), e.purpose, e.source)
        return (self.no, e.at, *who, e.action, about, fields, e.trace_id, self.previous, self.hash)


def chain_hash(previous: bytes, no: int, entry: Entry) -> bytes:
    """SHA-256 over the hash before it and the canonical record; `no` makes a cut in the middle visible."""
    canonical = json.dumps(
        [
            no,
            entry.at.isoformat(),
            entry.actor,
            list(entry.roles),
            entry.purpose,
            entry.source,
            entry.action,
            [str(a) for a in entry.about],
            list(entry.fields),
            entry.trace_id,
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(previous + canonical.encode()).digest()


def verify(tx: Tx, checkpoints: Sequence[Checkpoint] = ()) -> Verified:
    """
    Check the whole chain, as the sealer's role or the owner.

    Args:
        tx: The trail is looked at as it was at one moment, while others may add to it.
        checkpoints: What was signed outside the database, signatures checked.

    Raises:
        ChainBroken: an entry was changed, removed or moved, the head does not match, or the
            trail is shorter or another than a checkpoint says.
    """
    came_in_between = False

    def head_of_none() -> Row | None:
        nonlocal came_in_between
        head = tx.row(_HEAD)
        came_in_between = head is not None and head["has_entries"]
        return head

    try:
        return check(tx.stream(_WHOLE, at_once=2000), head_of_none, checkpoints)
    except ChainBroken:
        if came_in_between:  # the first entries were sealed after the trail was looked at: look anew
            return verify(tx, checkpoints)
        raise


def check(rows: Iterable[Row], empty_head: Callable[[], Row | None], checkpoints: Sequence[Checkpoint]) -> Verified:
    """
    Check a chain as its rows hold it, each with the head of the same moment beside it.

    Args:
        rows: In the order of their numbers.
        empty_head: The head, where there is no row.
        checkpoints: As for `verify`.

    Raises:
        ChainBroken: as `verify`.
    """
    signed: Mapping[int, bytes] = {checkpoint.count: checkpoint.hash for checkpoint in checkpoints}
    if len(signed) != len({(checkpoint.count, checkpoint.hash) for checkpoint in checkpoints}):
        raise ChainBroken("two checkpoints of the same length have different hashes: there were two trails")
    previous, no, head = FIRST, 0, None
    for row in rows:
        no += 1
        head = {"no": row["head_no"], "hash": row["head_hash"], "waiting": row["waiting"]}
        if row["no"] != no or row["previous"] != previous or chain_hash(previous, no, entry_of(row)) != row["hash"]:
            raise ChainBroken(f"audit entry {no} does not fit")
        previous = row["hash"]
        if signed.get(no, previous) != previous:
            raise ChainBroken(f"audit entry {no} is not the one that was signed: the chain was written anew")
    head = head or empty_head()
    if head is None or head["no"] != no or (no and head["hash"] != previous):
        raise ChainBroken(f"the trail ends at {no}, its head says otherwise")
    longest = max(signed, default=0)
    if longest > no:
        raise ChainBroken(f"the trail ends at {no}, but {longest} entries were signed: its end was cut off")
    return Verified(no, head["waiting"], len(checkpoints))


def linked(previous: bytes, no: int, entries: Sequence[Entry]) -> Iterator[Link]:
    """The links for entries that follow entry `no`, whose hash is `previous`."""
    for entry in entries:
        no += 1
        link = Link(no, previous, chain_hash(previous, no, entry), entry)
        yield link
        previous = link.hash
