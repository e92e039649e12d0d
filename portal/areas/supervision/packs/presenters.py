"""A pack in words, in the order in which the feedback service put it. Codes, never names."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.clients.feedback.course import Episode
from portal.clients.feedback.supervision import Pack, PackItem, SupervisionPoint
from portal.clinic_time import local_day
from portal.kit.wording.codes import word
from portal.kit.wording.numbers import number
from portal.kit.wording.sentences import VERDICTS, sentence
from portal.kit.wording.states import Tag, course_tag
from portal.kit.wording.supervision import POINTS, PROMPTS, SECTIONS
from portal.kit.wording.times import count, plain_day, short_day

_VEILED = "Your own impression of the last session comes first."
_DIFFER = Tag("Two views", "people", "info")
_WORSE = Tag("More difficulties", "strained", "warn")


@dataclass(frozen=True, slots=True)
class PointLine:
    """Something agreed on."""

    words: str
    text: str
    noted: str


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One client's place in the pack; `mirror_id` where one's own impression comes first."""

    client_id: UUID
    code: str
    tag: Tag
    since: str
    sentences: tuple[str, ...]
    facts: tuple[str, ...]
    talked: str
    wish: str
    prompts: tuple[str, ...]
    points: tuple[PointLine, ...]
    mirror_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SectionPart:
    """One part of the pack."""

    id: str
    title: str
    lead: str
    items: list[ItemLine]


@dataclass(frozen=True, slots=True)
class PackPage:
    """The whole pack."""

    week: str
    title: str
    previous_week: str
    next_week: str | None
    sections: list[SectionPart]


def present_pack(pack: Pack, *, not_yet: Mapping[UUID, UUID], today: date, zone: ZoneInfo) -> PackPage:
    """
    The pack by its parts.

    Where the viewer's own impression is still to be given (`not_yet`: client -> offer),
    nothing of the reading is said.
    """
    sections: list[SectionPart] = []
    for item in pack.items:
        if not sections or sections[-1].id != item.section:
            title, lead = SECTIONS.get(item.section, (word({}, item.section).capitalize(), ""))
            sections.append(SectionPart(item.section, title, lead, []))
        mirror_id = not_yet.get(item.client_id)
        sections[-1].items.append(_veiled(item, mirror_id, zone) if mirror_id else _line(item, zone))
    last_day = pack.starts_on + timedelta(days=6)
    is_present = pack.starts_on <= today <= last_day
    span = f"{short_day(pack.starts_on)} to {short_day(last_day)} {last_day.year}"
    return PackPage(
        week=pack.week,
        title=f"This week, {span}" if is_present else span,
        previous_week=pack.previous_week,
        next_week=pack.next_week,
        sections=sections,
    )


def client_ids(pack: Pack) -> Collection[UUID]:
    """Whom the page is about, for the access log."""
    return {item.client_id for item in pack.items}


def _line(item: PackItem, zone: ZoneInfo) -> ItemLine:
    return ItemLine(
        client_id=item.client_id,
        code=item.spoken_code,
        tag=_tag(item),
        since=f"Session of {short_day(local_day(item.since, zone))}",
        sentences=tuple(sentence(one.template, one.params) for one in item.sentences),
        facts=_facts(item.episode) if item.episode else (),
        talked=_talked(item.episode) if item.episode else "",
        wish=item.wish or "",
        prompts=tuple(PROMPTS[code] for code in item.prompts if code in PROMPTS),
        points=tuple(_point(point, zone) for point in item.points),
    )


def _tag(item: PackItem) -> Tag:
    if item.episode:
        return course_tag(item.episode.state)
    return _WORSE if item.section == "deteriorated" else _DIFFER


def _veiled(item: PackItem, mirror_id: UUID, zone: ZoneInfo) -> ItemLine:
    return ItemLine(
        client_id=item.client_id,
        code=item.spoken_code,
        tag=Tag("Not looked at yet", "form", "quiet"),
        since=f"Session of {short_day(local_day(item.since, zone))}",
        sentences=(_VEILED,),
        facts=(),
        talked="",
        wish="",
        prompts=(),
        points=(),
        mirror_id=mirror_id,
    )


def _facts(episode: Episode) -> tuple[str, ...]:
    facts = []
    if episode.lowest is not None and episode.m_pre is not None:
        facts.append(f"Before, about {number(episode.m_pre)}; at its lowest {number(episode.lowest)}")
    if episode.sessions:
        facts.append(f"{count(episode.sessions, 'check-in')} since it began")
    if episode.days:
        facts.append(f"closed after {count(episode.days, 'day')}")
    if verdict := VERDICTS.get(episode.verdict or ""):
        facts.append(f"their words on it: {verdict}")
    return tuple(facts)


def _talked(episode: Episode) -> str:
    held = episode.conversation_held_on
    return f"Talked about on {plain_day(held)}." if held else "Not yet marked as talked about."


def _point(point: SupervisionPoint, zone: ZoneInfo) -> PointLine:
    return PointLine(
        word(POINTS, point.code), point.text or "", f"agreed on {short_day(local_day(point.noted_at, zone))}"
    )
