"""Episodes across clients in words, oldest first as the service lists them: an order of time and no ranking."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.clients.feedback.course import Episode
from portal.clients.feedback.follow_up import ListedEpisode
from portal.clinic_time import local_day
from portal.kit.components.episode import EpisodeLine, present_episode, present_owner
from portal.kit.wording.times import plain_day, relative_day
from portal.names import Names, PersonLink


@dataclass(frozen=True, slots=True)
class ListLine:
    """One episode: whose, with whom, since when, and what is known of it."""

    person: PersonLink
    therapist: str
    since: str
    facts: tuple[str, ...]
    episode: EpisodeLine


def present_episodes(
    found: Sequence[ListedEpisode], names: Names, *, staff: Mapping[UUID, str], now: datetime, zone: ZoneInfo
) -> list[ListLine]:
    return [_line(one, names, staff, now, zone) for one in found]


def staff_of(found: Iterable[ListedEpisode]) -> set[UUID | None]:
    """The colleagues on the page: therapists, and whoever follows an episode through."""
    return {staff_id for one in found for staff_id in (one.practitioner_id, one.episode.owner_id)}


def _line(one: ListedEpisode, names: Names, staff: Mapping[UUID, str], now: datetime, zone: ZoneInfo) -> ListLine:
    owner = present_owner(one.episode, one.practitioner_id, staff=staff, lead=None)
    shown = present_episode(one.episode, owner, now, zone)
    return ListLine(
        person=names.person(one.client_id, one.spoken_code),
        therapist=staff.get(one.practitioner_id, "a colleague"),
        since=_since(one.episode, local_day(now, zone), zone),
        facts=shown.facts[1:],
        episode=shown,
    )


def _since(episode: Episode, today: date, zone: ZoneInfo) -> str:
    opened = local_day(episode.opened_at, zone)
    began = f"session {episode.opened_session}, {plain_day(opened)}"
    if episode.closed_at is None:
        return f"Since {began} ({relative_day(opened, today)})"
    session = f"session {episode.closed_session}, " if episode.closed_session else ""
    return f"From {began}, to {session}{plain_day(local_day(episode.closed_at, zone))}"
