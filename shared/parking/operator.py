"""What an operator can do about parked events; used by the command line and by the portal's operations page."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from shared import inbox
from shared.database import Row, Tx
from shared.inbox_processor import hear
from shared.parking import store
from shared.parking.store import GAP, Parked

_LISTED = ("queued", "retrying", "waiting")
_MAX_REASON = 500


class NotParked(Exception):
    """There is no parked event with this number, or it has been resolved already."""


class NotItsTurn(Exception):
    """An event merely queues behind an earlier one of its key."""


class WaitsForOthers(Exception):
    """An event that waits for earlier ones is not skipped: its number would make those look like duplicates."""


class ReasonMissing(Exception):
    """An event is skipped only with a reason, of 1 to 500 characters."""


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """A parked event as an operator sees it: where it lay, what went wrong, never its data."""

    id: int
    consumer: str
    topic: str
    partition: int
    offset: int
    event_id: str | None
    type: str | None
    state: str
    error_class: str | None
    error: str | None
    attempts: int
    next_attempt_at: datetime | None
    parked_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    reason: str | None
    behind: int  # events that queue behind it

    def as_json(self) -> dict[str, Any]:
        """For machines; times in RFC 3339."""
        return {name: v.isoformat() if isinstance(v, datetime) else v for name, v in asdict(self).items()}


def list_parked(tx: Tx, *, consumer: str | None = None, queued: bool = False, limit: int = 200) -> list[ParkedEvent]:
    """Open events, oldest first; those that merely queue behind another are left out unless asked for."""
    rows = tx.rows(
        "SELECT e.*, (SELECT count(*) FROM parked_events b WHERE b.consumer = e.consumer AND b.topic = e.topic "
        "AND b.key = e.key AND b.key <> '' AND b.id > e.id AND b.state = 'queued') AS behind "
        "FROM parked_events e WHERE e.state = ANY(%s) AND (%s::text IS NULL OR e.consumer = %s) "
        "ORDER BY e.id LIMIT %s",
        (list(_LISTED if queued else _LISTED[1:]), consumer, consumer, limit),
    )
    return [_shown(row) for row in rows]


def show_parked(tx: Tx, event_id: int) -> ParkedEvent:
    """One event, resolved or not. Raises NotParked."""
    row = tx.row(
        "SELECT e.*, (SELECT count(*) FROM parked_events b WHERE b.consumer = e.consumer AND b.topic = e.topic "
        "AND b.key = e.key AND b.key <> '' AND b.id > e.id AND b.state = 'queued') AS behind "
        "FROM parked_events e WHERE e.id = %s",
        (event_id,),
    )
    if row is None:
        raise NotParked(f"there is no parked event {event_id}")
    return _shown(row)


def retry(tx: Tx, event_id: int, *, by: str, now: datetime) -> None:
    """
    Have an event tried again by the worker's next round.

    An event that waits for a gap is taken as if the gap had closed: the operator
    declares that what is missing will not come.

    Raises:
        NotParked, NotItsTurn
    """
    consumer, event = _open_event(tx, event_id)
    message = hear(event.record).message
    if event.error_class == GAP and message is not None:
        inbox.accept_gap(tx, consumer, message)
    tx.execute(
        "UPDATE parked_events SET state = 'retrying', next_attempt_at = %s, resolved_by = %s WHERE id = %s",
        (now, by, event_id),
    )


def accept_gaps(tx: Tx, *, by: str, now: datetime) -> int:
    """Retry all events that wait for a gap (after a restore that could not bring back older events)."""
    rows = tx.rows("SELECT id FROM parked_events WHERE state = 'waiting' AND error_class = %s ORDER BY id", (GAP,))
    for row in rows:
        retry(tx, row["id"], by=by, now=now)
    return len(rows)


def skip(tx: Tx, event_id: int, *, by: str, reason: str, now: datetime) -> None:
    """
    Leave an event without effect, for good; what queued behind it goes on.

    It counts as heard: it will not come back, and its successor is no gap.

    Raises:
        NotParked, NotItsTurn, ReasonMissing, WaitsForOthers
    """
    if not 0 < len(reason.strip()) <= _MAX_REASON:
        raise ReasonMissing(f"say why, in 1 to {_MAX_REASON} characters")
    consumer, event = _open_event(tx, event_id)
    if event.error_class == GAP:
        raise WaitsForOthers(
            f"parked event {event_id} waits for earlier events of its aggregate, which would be lost: "
            "let them come, or retry it to declare that they never will"
        )
    message = hear(event.record).message
    if message is not None:
        inbox.keep_ids(tx, consumer, [message], now=now)
        if message.sequence is not None:
            inbox.keep_stories(tx, consumer, {inbox.subject_of(message): inbox.Story(message.sequence)})
    key = (event.record.topic, event.record.key or b"")
    store.wake_gaps(tx, consumer, {key}, now=now)
    store.resolve(tx, event, "skipped", by=by, reason=reason.strip(), now=now)
    store.unpark_if_empty(tx, consumer, key)


def _open_event(tx: Tx, event_id: int) -> tuple[str, Parked]:
    row = tx.row("SELECT consumer, topic, key FROM parked_events WHERE id = %s", (event_id,))
    if row is None:
        raise NotParked(f"there is no parked event {event_id}")
    # The key's row first, as everyone who works on a key does; then the event as it is by now.
    store.lock_keys(tx, row["consumer"], {(row["topic"], bytes(row["key"]))})
    event = store.by_id(tx, event_id)
    if event is None or event.state not in _LISTED:
        raise NotParked(f"parked event {event_id} has been resolved already")
    if event.state == "queued":  # out of turn, it would overtake what happened before it
        raise NotItsTurn(f"event {event_id} queues behind an earlier one of its key: resolve that one first")
    return row["consumer"], event


def _shown(row: Row) -> ParkedEvent:
    return ParkedEvent(**{name: row[name] for name in ParkedEvent.__dataclass_fields__})
