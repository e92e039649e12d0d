"""
Inbox: what a consumer has heard, kept in the transaction of the handler, so that each event takes effect once.

Two records of the past guard each other. The ids tell a redelivered event; the sequence
of each aggregate tells a hole in its story, or an old event sent again under another offset.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from shared.database.tx import Tx
from shared.envelope import Message
from shared.eventlog.interface import RETENTION

KEPT = RETENTION + timedelta(days=7)  # an id may be forgotten once the log can no longer bring it back

EventId = tuple[str, str]  # ce_source, ce_id
Subject = tuple[str, str]  # ce_source, ce_subject


class Verdict(StrEnum):
    """What the sequence of an event says about it."""

    HANDLE = "handle"
    DUPLICATE = "duplicate"
    GAP = "gap"


class SequenceGap(Exception):
    """An earlier event of the same aggregate has not been heard yet."""

    def __init__(self, subject: Subject, expected: int) -> None:
        super().__init__(f"expected sequence {expected}")
        self.subject = subject
        self.expected = expected


def judge(have: int, sequence: int | None) -> Verdict:
    """
    Tell what to do with an event, given the last sequence heard of its aggregate (0: none).

    An event without a sequence promises no order.

    >>> [str(judge(have, 3)) for have in (0, 1, 2, 3, 4)]
    ['gap', 'gap', 'handle', 'duplicate', 'duplicate']
    """
    if sequence is None or sequence == have + 1:
        return Verdict.HANDLE
    return Verdict.DUPLICATE if sequence <= have else Verdict.GAP


def event_id(message: Message) -> EventId:
    """What makes an event the same event, wherever it comes from."""
    return message.source, message.id


def subject_of(message: Message) -> Subject:
    """The aggregate that an event tells of."""
    return message.source, message.subject


def keep_ids(tx: Tx, consumer: str, messages: Iterable[Message], *, now: datetime) -> set[EventId]:
    """Record the ids of events; returns those that had not been recorded before."""
    ids = sorted({event_id(message) for message in messages})  # one order for all, so that two members cannot deadlock
    if not ids:
        return set()
    rows = tx.rows(
        "INSERT INTO inbox (consumer, ce_source, ce_id, seen_at) "
        "SELECT %s, source, id, %s FROM unnest(%s::text[], %s::text[]) AS heard(source, id) "
        "ON CONFLICT DO NOTHING RETURNING ce_source, ce_id",
        (consumer, now, [source for source, _ in ids], [id_ for _, id_ in ids]),
    )
    return {(row["ce_source"], row["ce_id"]) for row in rows}


def sequences(tx: Tx, consumer: str, messages: Iterable[Message]) -> dict[Subject, int]:
    """The last sequence heard of each aggregate; read it after `keep_ids`, which waits for a rival member."""
    subjects = sorted({subject_of(message) for message in messages})
    if not subjects:
        return {}
    rows = tx.rows(
        "SELECT ce_source, ce_subject, sequence FROM inbox_sequence "
        "JOIN unnest(%s::text[], %s::text[]) AS asked(source, subject) ON ce_source = source AND ce_subject = subject "
        "WHERE consumer = %s",
        ([source for source, _ in subjects], [subject for _, subject in subjects], consumer),
    )
    return {(row["ce_source"], row["ce_subject"]): row["sequence"] for row in rows}


def keep_sequences(tx: Tx, consumer: str, heard: Mapping[Subject, int]) -> None:
    """Record the last sequence heard of each aggregate; never goes back."""
    if not heard:
        return
    subjects = sorted(heard)
    tx.execute(
        "INSERT INTO inbox_sequence (consumer, ce_source, ce_subject, sequence) "
        "SELECT %s, source, subject, sequence "
        "FROM unnest(%s::text[], %s::text[], %s::int[]) AS heard(source, subject, sequence) "
        "ON CONFLICT (consumer, ce_source, ce_subject) DO UPDATE "
        "SET sequence = excluded.sequence WHERE inbox_sequence.sequence < excluded.sequence",
        (
            consumer,
            [source for source, _ in subjects],
            [subject for _, subject in subjects],
            [heard[subject] for subject in subjects],
        ),
    )


def accept_gap(tx: Tx, consumer: str, message: Message) -> None:
    """Declare that what came before this event of its aggregate will never be heard: it may be handled next."""
    if message.sequence is not None:
        keep_sequences(tx, consumer, {subject_of(message): message.sequence - 1})


def prune(tx: Tx, now: datetime) -> None:
    """Forget ids that the log can no longer bring back; a job, at most 10,000 at a time."""
    tx.execute(
        "DELETE FROM inbox WHERE ctid = ANY(ARRAY(SELECT ctid FROM inbox WHERE seen_at < %s LIMIT 10000))",
        (now - KEPT,),
    )
