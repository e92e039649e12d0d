"""
The weekly supervision pack: what of one therapist's work is worth looking at together, most needed first.

It is about the work and never about how good somebody is: the order looks at what a client
may need, no figure stands for a person, and nothing in here can be compared between therapists.

Source: Safran & Muran 2000 and Eubanks, Muran & Safran 2018 for what supervision asks of a
rupture; order, times, prompts and kinds of points are ours and unvalidated (docs/sources.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.feedback.alliance.domain.episodes import REPAIRED, SUPERSEDED, THERAPY_ENDED
from services.feedback.alliance.domain.kept_episodes import KeptEpisode
from services.feedback.alliance.domain.sentences import Sentence, say
from services.feedback.alliance.domain.series import State
from services.feedback.supervision.domain.weeks import Week

# Ours: two weekly sessions are enough to have found the moment.
CONVERSATION_DUE = timedelta(days=14)


class Section(StrEnum):
    """Parts of a pack, in the order in which they need attention."""

    UNREPAIRED = "unrepaired"
    NEW_RUPTURE = "new_rupture"
    CONVERSATION_DUE = "conversation_due"
    UNSEEN_STRAIN = "unseen_strain"
    DETERIORATED = "deteriorated"
    REPAIRED = "repaired"


class Prompt(StrEnum):
    """Questions for the conversation; ours, in the portal's words."""

    WHAT_HAPPENED = "what_happened"
    PULLED_BACK_OR_PUSHED = "pulled_back_or_pushed"
    OWN_PART = "own_part"
    NAME_IT = "name_it"
    THEIR_VIEW_FIRST = "their_view_first"
    GOALS_TASKS_BOND = "goals_tasks_bond"
    FAMILIAR_PATTERN = "familiar_pattern"
    WHAT_MAKES_IT_HARD = "what_makes_it_hard"
    FIRST_SENTENCE = "first_sentence"
    IF_IT_STAYS = "if_it_stays"
    OTHER_HELP = "other_help"
    CARE_FOR_YOU = "care_for_you"
    LAST_WORD = "last_word"
    TWO_PICTURES = "two_pictures"
    HARD_TO_SAY = "hard_to_say"
    PLAN_FITS = "plan_fits"
    WHAT_ELSE_CHANGED = "what_else_changed"
    WHAT_HELPED = "what_helped"
    KEEP_IT = "keep_it"


class PointCode(StrEnum):
    """What can be agreed on."""

    TALK_ABOUT_IT = "talk_about_it"
    ASK_THEIR_VIEW = "ask_their_view"
    REVIEW_GOALS = "review_goals"
    CHANGE_THE_WAY = "change_the_way"
    LOOK_AT_OWN_PART = "look_at_own_part"
    OTHER_HELP = "other_help"
    BRING_IT_BACK = "bring_it_back"
    KEEP_DOING_IT = "keep_doing_it"


_RUPTURE = (Prompt.WHAT_HAPPENED, Prompt.PULLED_BACK_OR_PUSHED, Prompt.OWN_PART, Prompt.GOALS_TASKS_BOND)
_PROMPTS = {
    Section.UNREPAIRED: (Prompt.THEIR_VIEW_FIRST, Prompt.FAMILIAR_PATTERN, Prompt.IF_IT_STAYS, Prompt.OTHER_HELP),
    Section.NEW_RUPTURE: _RUPTURE,
    Section.CONVERSATION_DUE: (Prompt.WHAT_MAKES_IT_HARD, Prompt.NAME_IT, Prompt.FIRST_SENTENCE),
    Section.UNSEEN_STRAIN: (Prompt.TWO_PICTURES, Prompt.HARD_TO_SAY, Prompt.THEIR_VIEW_FIRST),
    Section.DETERIORATED: (Prompt.PLAN_FITS, Prompt.WHAT_ELSE_CHANGED, Prompt.OTHER_HELP),
    Section.REPAIRED: (Prompt.WHAT_HELPED, Prompt.KEEP_IT),
}
_ENDED = (Prompt.LAST_WORD, Prompt.OWN_PART, Prompt.CARE_FOR_YOU)

# The therapist reads "you" about a differing view; in supervision two people read it.
_IN_SUPERVISION = {
    "s7_unseen_strain": "supervised_unseen",
    "s7_unseen_strain_said": "supervised_unseen_said",
    "s7b_noted_alone": "supervised_noted_alone",
}
_HEAVIEST_FIRST = ("worse", "not_mentioned")


@dataclass(frozen=True, slots=True)
class FollowedEpisode:
    """
    An episode as a pack needs it.

    `state_then` is how the course read at the end of the week; `close_noticed_at` when its
    closing was first read, which may be days after the session that closed it.
    """

    kept: KeptEpisode
    spoken_code: str
    opening: Sentence | None
    latest: Sentence | None
    state_then: str | None
    close_noticed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DifferingViews:
    """A session that one side saw as strained and the other did not; `noticed_at` when that was first read."""

    client_id: UUID
    spoken_code: str
    starts_at: datetime
    noticed_at: datetime
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Worse:
    """A client who is reliably worse than at the start on an outcome measure, by the session that last said so."""

    client_id: UUID
    spoken_code: str
    said_at: datetime
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One client's place in a pack; `since` is the session it is about."""

    section: Section
    client_id: UUID
    spoken_code: str
    since: datetime
    sentences: tuple[Sentence, ...]
    prompts: tuple[Prompt, ...]
    episode: KeptEpisode | None = None

    @property
    def talked_about(self) -> bool | None:
        """Whether the two have talked about it; None where there is no episode to talk about."""
        return None if self.episode is None else self.episode.conversation_held_on is not None


def pack(
    week: Week,
    episodes: Iterable[FollowedEpisode],
    views: Iterable[DifferingViews],
    worse: Iterable[Worse] = (),
    *,
    now: datetime,
) -> list[Item]:
    """
    The items of one week's pack, each episode in one place.

    Where two views differ is first for the therapist alone: a pack holds what was noticed in
    the seven days before its week began, never anything from the week itself.
    """
    items = [_episode_item(section, one) for one in episodes if (section := section_of(week, one, now=now))]
    items += [_views_item(view) for view in views if week.before.starts_at <= view.noticed_at < week.starts_at]
    items += [_worse_item(one) for one in worse if week.starts_at <= one.said_at < week.ends_at]
    return sorted(items, key=_need)


def section_of(week: Week, one: FollowedEpisode, *, now: datetime) -> Section | None:
    """Where an episode stands in this week's pack; None: not in it."""
    episode = one.kept
    if episode.close_reason == SUPERSEDED or episode.noticed_at >= week.ends_at:
        return None
    closed_at = one.close_noticed_at or episode.closed_at
    if closed_at is not None and closed_at < week.ends_at:
        return _closed_section(episode.close_reason) if closed_at >= week.starts_at else None
    if one.state_then == State.UNREPAIRED:
        return Section.UNREPAIRED
    if episode.noticed_at >= week.starts_at:
        return Section.NEW_RUPTURE
    waited = min(week.ends_at, now) - episode.noticed_at
    is_due = episode.conversation_held_on is None and waited >= CONVERSATION_DUE
    return Section.CONVERSATION_DUE if is_due else None


def _closed_section(reason: str | None) -> Section | None:
    # Settled by the two of them, or handed on with the client: nothing is left to look at here.
    return {REPAIRED: Section.REPAIRED, THERAPY_ENDED: Section.UNREPAIRED}.get(reason or "")


def _episode_item(section: Section, one: FollowedEpisode) -> Item:
    episode = one.kept
    ended = episode.close_reason == THERAPY_ENDED and section is Section.UNREPAIRED
    said = [one.opening, say("unrepaired_ended") if ended else one.latest]
    return Item(
        section=section,
        client_id=episode.client_id,
        spoken_code=one.spoken_code,
        since=episode.opened_at,
        sentences=_each_once(said),
        prompts=_ENDED if ended else _PROMPTS[section],
        episode=episode,
    )


def _views_item(view: DifferingViews) -> Item:
    template = _IN_SUPERVISION.get(view.sentence.template, view.sentence.template)
    return Item(
        section=Section.UNSEEN_STRAIN,
        client_id=view.client_id,
        spoken_code=view.spoken_code,
        since=view.starts_at,
        sentences=(Sentence(template, view.sentence.params),),
        prompts=_PROMPTS[Section.UNSEEN_STRAIN],
    )


def _worse_item(one: Worse) -> Item:
    return Item(
        section=Section.DETERIORATED,
        client_id=one.client_id,
        spoken_code=one.spoken_code,
        since=one.said_at,
        sentences=one.sentences,
        prompts=_PROMPTS[Section.DETERIORATED],
    )


def _each_once(sentences: Sequence[Sentence | None]) -> tuple[Sentence, ...]:
    found: list[Sentence] = []
    for sentence in sentences:
        if sentence is not None and sentence not in found:
            found.append(sentence)
    return tuple(found)


def _need(item: Item) -> tuple[int, bool, bool, datetime, str]:
    """By section; then what the client said feels worse or was never mentioned, the untold, the longest wait."""
    verdict = item.episode.verdict if item.episode else None
    return (
        list(Section).index(item.section),
        verdict not in _HEAVIEST_FIRST,
        item.talked_about is True,
        item.since,
        item.spoken_code,
    )


class OwnSupervision(Exception):
    """Nobody supervises their own work."""


class PackUnknown(Exception):
    """There is no such pack, or not for the one who asks; or this client is not in it."""
