"""The reach-out list in words; every part is visible, and no sum stands without its parts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.clients.feedback.client import Offer
from portal.clients.feedback.follow_up import ReachOutClient, ReachOutNote
from portal.kit.components.impression import still_to_give
from portal.kit.wording.codes import word
from portal.kit.wording.follow_up import DRAFT, NOT_NOW
from portal.kit.wording.sentences import sentence
from portal.kit.wording.times import count, plain_day, relative_day, short_day
from portal.names import Names, PersonLink


@dataclass(frozen=True, slots=True)
class ReachOutLine:
    """One client: the parts with their points, and what was noted last."""

    person: PersonLink
    therapist: str
    parts: tuple[tuple[str, str], ...]
    total: str
    draft: str
    resting: str
    noted: str
    note_id: UUID | None


@dataclass(frozen=True, slots=True)
class ReachList:
    """In three parts: own impressions first, whom to reach, who rests."""

    first: list[tuple[PersonLink, UUID]]
    lines: list[ReachOutLine]
    resting: list[ReachOutLine]
    unread: bool


def present_reach_out(
    found: Sequence[ReachOutClient],
    names: Names,
    *,
    staff: Mapping[UUID, str],
    mirrors: Mapping[UUID, Offer],
    viewer: str,
    today: date,
) -> ReachList:
    """
    The list in the service's order.

    Where the viewer's own impression is still to be given (`mirrors`), nothing is said of that
    client: being on the list would say something, so all of them stand apart, listed or not.
    """
    shown = ReachList(still_to_give(mirrors, names), [], [], unread=any(reach.unread for reach in found))
    for reach in found:
        if reach.client_id not in mirrors:
            line = _line(reach, names, staff, viewer, today)
            (shown.resting if reach.resting_until else shown.lines).append(line)
    return shown


def people_of(found: Iterable[ReachOutClient], mirrors: Mapping[UUID, Offer]) -> list[UUID]:
    """Everybody on the page, for the one look-up of names."""
    return [*(reach.client_id for reach in found), *mirrors]


def _line(reach: ReachOutClient, names: Names, staff: Mapping[UUID, str], viewer: str, today: date) -> ReachOutLine:
    return ReachOutLine(
        person=names.person(reach.client_id, reach.spoken_code),
        therapist=staff.get(reach.practitioner_id, "a colleague"),
        parts=tuple((sentence(part.template, part.params), count(part.points, "point")) for part in reach.parts),
        total=count(reach.points, "point"),
        draft=DRAFT.format(therapist=viewer),
        resting=f"Rests until {short_day(reach.resting_until)}, {relative_day(reach.resting_until, today)}"
        if reach.resting_until
        else "",
        noted=_noted(reach.note),
        note_id=reach.note.id if reach.note else None,
    )


def _noted(note: ReachOutNote | None) -> str:
    if note is None:
        return ""
    if note.on:
        return f"Reached out on {plain_day(note.on)}."
    return f"Not now: {word(NOT_NOW, note.reason or 'other').lower()}."
