"""The caseload in words, in the order in which the feedback service put it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.clients.feedback.client import Case
from portal.kit.components.signal import BETWEEN_THE_TWO
from portal.kit.wording.sentences import next_step, sentence
from portal.kit.wording.states import Tag, course_tag
from portal.kit.wording.times import ago, count
from portal.names import Names, PersonLink

_FIRST = Tag("Not looked at yet", "form", "quiet")


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One client: the state, its sentence, further reasons, what may help."""

    person: PersonLink
    therapist: str
    tag: Tag
    sentence: str
    reasons: tuple[str, ...]
    next_step: str
    sessions: str
    last: str
    talked: str
    mirror_id: UUID | None


@dataclass(frozen=True, slots=True)
class Caseload:
    """In three parts, each in the service's order."""

    unseen: list[CaseLine]
    talk: list[CaseLine]
    others: list[CaseLine]


def present_caseload(
    cases: Sequence[Case],
    names: Names,
    *,
    staff: Mapping[UUID, str],
    viewer: UUID,
    not_yet: Mapping[UUID, UUID],
    now: datetime,
    zone: ZoneInfo,
) -> Caseload:
    """
    Those with whom a conversation would do good, and the others.

    Where the viewer's own impression is still to be given (`not_yet`: client -> offer),
    nothing of the reading is said.
    """
    shown = Caseload([], [], [])
    for case in cases:
        line = _line(case, names, staff, viewer, now, zone)
        if case.client_id in not_yet:
            shown.unseen.append(_veiled(line, not_yet[case.client_id]))
        else:
            (shown.talk if case.needs_conversation else shown.others).append(line)
    return shown


def _line(case: Case, names: Names, staff: Mapping[UUID, str], viewer: UUID, now: datetime, zone: ZoneInfo) -> CaseLine:
    main = sentence(case.template, case.params)
    unsaid = {"conversation_open"} if case.practitioner_id == viewer else {"conversation_open"} | BETWEEN_THE_TWO
    further = (sentence(r.template, r.params) for r in case.reasons if r.code not in unsaid)
    return CaseLine(
        person=names.person(case.client_id, case.spoken_code),
        therapist=staff.get(case.practitioner_id, "A colleague"),
        tag=course_tag(case.state),
        sentence=main,
        reasons=tuple(dict.fromkeys(text for text in further if text != main)),
        next_step=next_step(case.next_step),
        sessions=count(case.sessions, "session"),
        last=f"last check-in {ago(case.last_recorded_at, now, zone)}" if case.last_recorded_at else "no check-in yet",
        talked=_talked(case),
        mirror_id=None,
    )


def _veiled(line: CaseLine, mirror_id: UUID) -> CaseLine:
    words = "Your own impression of the last session comes first."
    return replace(line, tag=_FIRST, sentence=words, reasons=(), next_step="", talked="", last="", mirror_id=mirror_id)


def _talked(case: Case) -> str:
    if case.episode_id is None or case.conversation_held is None:
        return ""
    return "Talked about." if case.conversation_held else "Not yet marked as talked about."
