"""An episode in words: what happened, in their words first, what was tried, and who or what closed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.clients.feedback.course import Episode
from portal.clinic_time import local_day
from portal.kit.wording.codes import word
from portal.kit.wording.follow_up import NOT_YET, TRIED, closed_words
from portal.kit.wording.sentences import VERDICTS
from portal.kit.wording.states import Tag, course_tag
from portal.kit.wording.times import count, plain_day, short_day


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """The owner of an episode; `take_on` and `give_back` are whose it would become, None where there is no choice."""

    words: str
    is_their_therapist: bool
    therapist: str
    take_on: UUID | None = None
    give_back: UUID | None = None


def present_owner(episode: Episode, therapist: UUID, *, staff: Mapping[UUID, str], lead: UUID | None) -> OwnerLine:
    """Followed through by whom; `lead` is the clinical lead who looks at it: they alone hand over what is open."""
    owner = episode.owner_id or therapist
    words = "Followed through by" if episode.closed_at is None else "Was followed through by"
    hands_over = episode.closed_at is None and lead is not None
    return OwnerLine(
        words=f"{words} {staff.get(owner, 'a colleague')}.",
        is_their_therapist=owner == therapist,
        therapist=staff.get(therapist, "their therapist"),
        take_on=lead if hands_over and lead not in {owner, therapist} else None,
        give_back=therapist if hands_over and owner != therapist else None,
    )


@dataclass(frozen=True, slots=True)
class EpisodeLine:
    """A rupture and what became of it."""

    id: UUID
    version: int
    tag: Tag
    title: str
    verdict: str
    facts: tuple[str, ...]
    talked: str
    tried: tuple[str, ...]
    is_open: bool
    may_note: bool
    may_close: bool
    may_undo: bool
    owner: OwnerLine


def present_episode(episode: Episode, owner: OwnerLine, now: datetime, zone: ZoneInfo) -> EpisodeLine:
    """One episode; `now` decides whether its last note can still be taken back."""
    began = f"Began in session {episode.opened_session}, {short_day(local_day(episode.opened_at, zone))}"
    closed = f"closed in session {episode.closed_session}" if episode.closed_session else ""
    is_open = episode.closed_at is None
    length = " and ".join(
        count(number, noun) for number, noun in ((episode.sessions, "session"), (episode.days, "day")) if number
    )
    facts = [", ".join(part for part in (began, "still open" if is_open else closed) if part), length]
    facts.append(closed_words(episode.closed_by, episode.close_reason))
    verdict = VERDICTS.get(episode.verdict or "")
    return EpisodeLine(
        id=episode.id,
        version=episode.version,
        tag=course_tag(episode.state),
        title=f"Session {episode.opened_session}",
        verdict=f"Their words: {verdict}." if verdict else "",
        facts=tuple(fact for fact in facts if fact),
        talked=_talked(episode.conversation_held_on, episode.not_yet),
        tried=tuple(word(TRIED, code) for code in episode.tried),
        is_open=is_open,
        may_note=episode.conversation_held_on is None,
        may_close=episode.state == "unrepaired" and is_open,
        may_undo=episode.undo_until is not None and now <= episode.undo_until,
        owner=owner,
    )


def _talked(held: date | None, not_yet: str | None) -> str:
    if held:
        return f"Talked about on {plain_day(held)}."
    return f"Not yet talked about: {word(NOT_YET, not_yet).lower()}." if not_yet else "Not yet marked as talked about."
