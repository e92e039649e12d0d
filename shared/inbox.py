"""
Inbox: what a consumer has heard, kept in the transaction of the handler, so that each event takes effect once.

Two records of the past guard each other. The ids tell a redelivered event; the sequence
of each aggregate tells a hole in its story, or an old event sent again under another offset.
What follows from both is decided by `plan`, without a database; tests/simulation runs it through
thousands of interleavings.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Story:
    """How far an aggregate's story has been heard, and with which event it was taken up (1: from its start)."""

    heard: int = 0
    begun: int = 1


class SequenceGap(Exception):
    """An earlier event of the same aggregate has not been heard yet."""

    def __init__(self, subject: Subject, expected: int) -> None:
        super().__init__(f"expected sequence {expected}")
        self.subject = subject
        self.expected = expected


class BeforeBeginning(Exception):
    """An event from before the one with which its story was taken up: it never had its effect, and now has no place."""

    def __init__(self, begun: int) -> None:
        super().__init__(f"the story was taken up at sequence {begun}")


def judge(story: Story, sequence: int | None) -> Verdict:
    """
    Tell what to do with an event of an id not seen before, given how far its story has been heard.

    An event without a sequence promises no order.

    >>> [str(judge(Story(heard), 3)) for heard in (0, 1, 2, 3, 4)]
    ['gap', 'gap', 'handle', 'duplicate', 'duplicate']
    >>> [str(judge(Story(heard=41, begun=40), n)) for n in (39, 40, 42)]
    ['missed', 'duplicate', 'handle']
    """
    if sequence is None or sequence == story.heard + 1:
        return Verdict.HANDLE
    if sequence < story.begun:
        return Verdict.MISSED
    return Verdict.DUPLICATE if sequence <= story.heard else Verdict.GAP


@dataclass(slots=True)
class Plan:
    """Which events of a batch to handle, in their order, and how far each story has been heard after that."""

    handle: list[bool] = field(default_factory=list)
    stories: dict[Subject, Story] = field(default_factory=dict)


def plan(
    messages: Sequence[Message],
    fresh: set[EventId],
    known: Mapping[Subject, Story],
    begins_anywhere: Callable[[int], bool],
) -> Plan:
    """
    Tell what to do with the events of a batch: the id of each first, then its sequence.

    Args:
        messages: In their order.
        fresh: Ids never seen before; each counts as fresh once.
        known: How far stories have been heard; one that is missing has not begun.
        begins_anywhere: Tells whether the story of an aggregate never heard of may be taken up
            with the event of this index although it is not its first (see `shared.log_start`).

    Raises:
        SequenceGap, BeforeBeginning: the first event that cannot be handled now.
    """
    unseen, made = set(fresh), Plan()
    for index, message in enumerate(messages):
        identity, subject = event_id(message), subject_of(message)
        story = made.stories.get(subject) or known.get(subject) or Story()
        verdict = judge(story, message.sequence) if identity in unseen else Verdict.DUPLICATE
        unseen.discard(identity)
        if verdict is Verdict.MISSED:
            raise BeforeBeginning(story.begun)
        if verdict is Verdict.GAP:
            if story.heard or not begins_anywhere(index):
                raise SequenceGap(subject, story.heard + 1)
            story = Story(begun=message.sequence or 1)
            verdict = Verdict.HANDLE
        made.handle.append(verdict is Verdict.HANDLE)
        if verdict is Verdict.HANDLE and message.sequence is not None:
            made.stories[subject] = Story(message.sequence, story.begun)
    return made


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


def stories(tx: Tx, consumer: str, messages: Iterable[Message]) -> dict[Subject, Story]:
    """How far the story of each aggregate was heard; read it after `keep_ids`, which waits for a rival member."""
    subjects = sorted({subject_of(message) for message in messages})
    if not subjects:
        return {}
    rows = tx.rows(
        "SELECT ce_source, ce_subject, sequence, begun FROM inbox_sequence "
        "JOIN unnest(%s::text[], %s::text[]) AS asked(source, subject) ON ce_source = source AND ce_subject = subject "
        "WHERE consumer = %s",
        ([source for source, _ in subjects], [subject for _, subject in subjects], consumer),
    )
    return {(row["ce_source"], row["ce_subject"]): Story(row["sequence"], row["begun"]) for row in rows}


def keep_stories(tx: Tx, consumer: str, heard: Mapping[Subject, Story]) -> None:
    """Record how far each story has been heard; never goes back, and how it was taken up stays as it is."""
    if not heard:
        return
    subjects = sorted(heard)
    tx.execute(
        "INSERT INTO inbox_sequence (consumer, ce_source, ce_subject, sequence, begun) "
        "SELECT %s, source, subject, sequence, begun "
        "FROM unnest(%s::text[], %s::text[], %s::int[], %s::int[]) AS heard(source, subject, sequence, begun) "
        "ON CONFLICT (consumer, ce_source, ce_subject) DO UPDATE "
        "SET sequence = excluded.sequence WHERE inbox_sequence.sequence < excluded.sequence",
        (
            consumer,
            [source for source, _ in subjects],
            [subject for _, subject in subjects],
            [heard[subject].heard for subject in subjects],
            [heard[subject].begun for subject in subjects],
        ),
    )


def accept_gap(tx: Tx, consumer: str, message: Message) -> None:
    """Declare that what came before this event of its aggregate will never be heard: it may be handled next."""
    if message.sequence is not None:
        keep_stories(tx, consumer, {subject_of(message): Story(message.sequence - 1)})


def prune(tx: Tx, now: datetime) -> None:
    """Forget ids that the log can no longer bring back; a job, at most 10,000 at a time."""
    tx.execute(
        "DELETE FROM inbox WHERE ctid = ANY(ARRAY(SELECT ctid FROM inbox WHERE seen_at < %s LIMIT 10000))",
        (now - KEPT,),
    )
