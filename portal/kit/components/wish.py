"""The wishes of a course in words: what was wished for, and what the client says became of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.clients.feedback.course import Wish
from portal.kit.wording.codes import word
from portal.kit.wording.follow_up import WISH_WORDS
from portal.kit.wording.times import count


@dataclass(frozen=True, slots=True)
class WishLine:
    """One wish; `text` is empty for whoever the client did not choose to read it."""

    text: str
    source: str
    became: str
    asked: str


def present_wish(wish: Wish) -> WishLine:
    """One wish, with what became of it and how often the client was asked."""
    return WishLine(
        text=wish.text or "",
        source=f"after session {wish.from_session}" if wish.from_session else "last time",
        became=word(WISH_WORDS, wish.word),
        asked=f"asked {count(wish.asked_again, 'time')}" if wish.asked_again > 1 else "",
    )


def present_wishes(wishes: Sequence[Wish]) -> tuple[WishLine, ...]:
    """All of them, the latest first."""
    return tuple(present_wish(wish) for wish in reversed(wishes))
