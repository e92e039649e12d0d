"""A wish for next time: open until the client says what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class WishState(StrEnum):
    """What the client says; `replaced`: they wrote a new one."""

    OPEN = "open"
    DONE = "done"
    BETTER = "better"
    REPLACED = "replaced"


# "Not yet" leaves it open: it is asked about again.
_AFTER = {"done": WishState.DONE, "better": WishState.BETTER, "not_yet": WishState.OPEN}


def wish_after(answer: object) -> WishState:
    """The wish after the client's answer to w2; without an answer it stays open."""
    return _AFTER.get(answer, WishState.OPEN) if isinstance(answer, str) else WishState.OPEN


@dataclass(frozen=True, slots=True)
class SaidOfWishes:
    """
    What one check-in says of wishes: what became of the one it was asked about, and a wish of its own.

    `starts_at` is its session's, `seen_from` when what it says began to count.
    """

    starts_at: datetime
    seen_from: datetime
    asked_about: UUID | None = None
    answer: str | None = None
    wish_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class WishStanding:
    """A wish as it stands; `closed_at` is None while it is open."""

    state: WishState = WishState.OPEN
    asked_again: int = 0
    closed_at: datetime | None = None


def wishes_after(said: Iterable[SaidOfWishes]) -> dict[UUID, WishStanding]:
    """
    How the wishes of a course stand after its check-ins, in the order in which they began to count.

    One wish is open at most: an older one gives way to a newer, whichever is heard of first.
    """
    standing: dict[UUID, WishStanding] = {}
    begun: dict[UUID, datetime] = {}
    is_open: UUID | None = None
    for one in said:
        if is_open is not None and one.answer is not None and one.asked_about == is_open:
            state = wish_after(one.answer)
            closed_at = None if state is WishState.OPEN else one.seen_from
            standing[is_open] = WishStanding(state, standing[is_open].asked_again + 1, closed_at)
            is_open = is_open if state is WishState.OPEN else None
        if one.wish_id is not None:
            standing[one.wish_id], begun[one.wish_id] = WishStanding(), one.starts_at
            if is_open is None:
                is_open = one.wish_id
                continue
            older, newer = is_open, one.wish_id
            if begun[older] > begun[newer]:
                older, newer = newer, older
            standing[older] = replace(standing[older], state=WishState.REPLACED, closed_at=one.seen_from)
            is_open = newer
    return standing


def last_word(state: str, asked_again: int) -> str:
    """
    The client's last word on a wish, as a code of the sentence for it.

    >>> last_word("open", 0), last_word("open", 2), last_word("better", 3)
    ('open', 'not_yet', 'better')
    """
    return "not_yet" if state == WishState.OPEN and asked_again else state
