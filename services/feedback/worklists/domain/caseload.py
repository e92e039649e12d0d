"""The caseload in the order of who needs a conversation first, each place with its reasons."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.feedback.alliance.domain.sentences import Sentence, say
from services.feedback.alliance.domain.series import State


@dataclass(frozen=True, slots=True)
class Standing:
    """
    How things stand with one client.

    `signals` are those of the latest session that was read, as (code, sentence);
    `talked` the client's latest word on the open episode; `worse` what is said of each
    outcome measure that is reliably worse than at the start.
    """

    state: State | None
    sentence: Sentence
    signals: Sequence[tuple[str, Sentence]] = ()
    episode_open: bool = False
    conversation_held: bool = False
    talked: str | None = None
    wish_open: bool = False
    worse: Sequence[Sentence] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody stands where they stand; a lower `place` comes first."""

    place: int
    code: str
    sentence: Sentence


NEEDS_CONVERSATION = 5  # places up to here ask for a conversation
CALM = 99

# The store puts a caseload in order by these numbers; what they do is said once more in its SQL.
EPISODE_PLACES = {State.UNREPAIRED: 3, State.RUPTURE: 2}
OTHER_EPISODE_PLACE = 8
TALKED_ABOUT = 5  # places further back, once the conversation was held
UNHEARD, UNHEARD_PLACE = ("not_mentioned", "worse"), 1  # their latest word on it, as long as it was not
DETERIORATED_PLACE = 5  # weighs as much as silence (reaching: both two points), and asks for a conversation
WISH_PLACE = 13
SIGNAL_PLACES = {"S7": 4, "S8": 5, "S9": 6, "S3": 7, "S5": 8, "S7b": 9, "S1": 10, "S4": 11, "S6": 12}
OF_THE_EPISODE = ("S1", "S3", "S4", "S9")  # inside an episode its own dip is no second reason


def reasons(standing: Standing) -> list[Reason]:
    """All reasons, the weightiest first."""
    found = [*_episode_reasons(standing)]
    in_episode = bool(found)
    for code, sentence in standing.signals:
        if code in SIGNAL_PLACES and not (in_episode and code in OF_THE_EPISODE):
            found.append(Reason(SIGNAL_PLACES[code], code, sentence))
    found += [Reason(DETERIORATED_PLACE, "deteriorated", sentence) for sentence in standing.worse]
    if standing.wish_open:
        found.append(Reason(WISH_PLACE, "wish_open", say("wish_open")))
    return sorted(found, key=lambda reason: reason.place)


def _episode_reasons(standing: Standing) -> list[Reason]:
    if not standing.episode_open or standing.state is None:
        return []
    place = EPISODE_PLACES.get(standing.state, OTHER_EPISODE_PLACE)
    if standing.conversation_held:
        place += TALKED_ABOUT
    elif standing.talked in UNHEARD:
        place = UNHEARD_PLACE
    code = str(standing.state)
    found = [Reason(place, code, standing.sentence)]
    if not standing.conversation_held:
        found.append(Reason(place, "conversation_open", say("conversation_open")))
    return found


def needs_conversation(why: Sequence[Reason]) -> bool:
    """True when the weightiest reason asks for a conversation."""
    return bool(why) and why[0].place <= NEEDS_CONVERSATION


def order_key(why: Sequence[Reason], since: datetime | None, tie: str) -> tuple[int, float, str]:
    """Sorts a caseload: by the weightiest reason, then who has waited longest, then `tie`."""
    return (why[0].place if why else CALM, since.timestamp() if since else math.inf, tie)
