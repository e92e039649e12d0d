"""A wish for next time: open until the client says what became of it."""

from enum import StrEnum


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


def last_word(state: str, asked_again: int) -> str:
    """
    The client's last word on a wish, as a code of the sentence for it.

    >>> last_word("open", 0), last_word("open", 2), last_word("better", 3)
    ('open', 'not_yet', 'better')
    """
    return "not_yet" if state == WishState.OPEN and asked_again else state
