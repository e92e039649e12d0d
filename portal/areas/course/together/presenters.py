"""The client's own words, as they said them; addressed to them."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.clients.feedback.course import Course, Point
from portal.kit.charts.course_words import client_said
from portal.kit.wording.codes import word
from portal.kit.wording.follow_up import OWN_SAID, OWN_WISH_WORDS

_WORTH_SAYING = frozenset({"yes", "a_little"})


@dataclass(frozen=True, slots=True)
class OwnWish:
    """A wish as its writer reads it."""

    text: str
    source: str
    became: str


def own_wishes(course: Course) -> tuple[OwnWish, ...]:
    """Only wishes whose words the viewer may read: nobody turns the screen with words that are not theirs to show."""
    return tuple(
        OwnWish(
            wish.text,
            f"After session {wish.from_session} you wished" if wish.from_session else "You wished",
            word(OWN_WISH_WORDS, wish.word),
        )
        for wish in reversed(course.wishes)
        if wish.text
    )


def own_words(points: Sequence[Point]) -> tuple[str, ...]:
    """What they said about strain, session by session; only where they said there was some."""
    return tuple(
        f"After session {point.session_number} you said {OWN_SAID[said]}."
        for point in points
        if (said := client_said(point)) in _WORTH_SAYING
    )
