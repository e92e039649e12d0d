"""A check-in in words: its answers, how it came, and what stood there before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.areas.check_ins.hand_over.presenters import words_of
from portal.clients.feedback.check_ins import CheckIn, EarlierVersion
from portal.clients.feedback.client import Offer
from portal.clients.feedback.forms import Form
from portal.clinic_time import local
from portal.kit.wording.codes import CHANNELS, CORRECTION_REASONS, MOMENTS, SHARING, word
from portal.kit.wording.numbers import number
from portal.kit.wording.sentences import MISSING, sentence
from portal.kit.wording.states import Tag, offer_tag
from portal.kit.wording.times import day_and_hour, hour, long_day, short_day

_ENTERABLE = frozenset({"booked", "arrived", "completed"})
_NO_ANSWER = "No answer"


@dataclass(frozen=True, slots=True)
class CheckInVersionLine:
    """One form of a client's, whatever became of it."""

    offer_id: UUID
    session: str
    moment: str
    measure: str
    tag: Tag
    note: str
    opens: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Version:
    """What stood there once; `lines` are question and answer, those that were changed."""

    title: str
    why: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One check-in."""

    tag: Tag
    facts: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str], ...]
    kept_back: str
    versions: tuple[Version, ...]
    may_correct: bool


def present_history(
    offers: Sequence[Offer], measures: Mapping[str, Form], reader: UUID | None
) -> list[CheckInVersionLine]:
    """
    Every form, the latest session first.

    What a client said about the work with another therapist than the `reader` is named and not opened; None opens all.
    """
    return [
        CheckInVersionLine(
            offer.id,
            long_day(offer.session_date),
            word(MOMENTS, offer.moment),
            measures[offer.measure_id].called,
            offer_tag(offer.state),
            word(MISSING, offer.missing_reason) if offer.missing_reason else "",
            offer.state == "received" and _opens(offer, measures[offer.measure_id], reader),
            offer.state == "open",
        )
        for offer in sorted(offers, key=lambda o: (o.session_date, o.offered_at, str(o.id)), reverse=True)
    ]


def _opens(offer: Offer, form: Form, reader: UUID | None) -> bool:
    return reader in (None, offer.practitioner_id) or form.construct != "alliance"


def present_check_in(check_in: CheckIn, form: Form, staff: Mapping[UUID, str], zone: ZoneInfo) -> Shown:
    """Answers in words, who entered them and how, and each earlier version with what was changed."""
    facts = [("How it came", word(CHANNELS, check_in.channel or ""))] if check_in.channel else []
    if check_in.recorded_at:
        facts.append(("Received", day_and_hour(local(check_in.recorded_at, zone))))
    if check_in.entered_by:
        facts.append(("Entered by", staff.get(check_in.entered_by, "A colleague")))
    if check_in.sharing:
        facts.append(("Who sees it", word(SHARING, check_in.sharing)))
    received = check_in.state == "received"
    return Shown(
        tag=offer_tag(check_in.state),
        facts=tuple(facts),
        lines=_lines(form, check_in.answers, check_in.total, check_in.subscales) if check_in.shown else (),
        kept_back=_kept_back(check_in) if received and not check_in.shown else "",
        versions=_versions(check_in, form, staff, zone),
        may_correct=received and check_in.shown,
    )


def _kept_back(check_in: CheckIn) -> str:
    return sentence("share_later" if check_in.sharing == "after" else "share_not", {})


def _lines(
    form: Form, answers: Mapping[str, object] | None, total: float | None, subscales: Mapping[str, object] | None
) -> tuple[tuple[str, str], ...]:
    given = answers or {}
    lines = [("Total", number(total))] if total is not None else []
    lines += [
        (part.called, number(points))
        for part in form.subscales
        if (points := (subscales or {}).get(part.id)) is not None
    ]
    if given:
        lines += [
            (item.text or f"Question {place}", words_of(item, given[item.id]) if item.id in given else _NO_ANSWER)
            for place, item in enumerate(form.items, start=1)
        ]
    return tuple(lines)


def _versions(check_in: CheckIn, form: Form, staff: Mapping[UUID, str], zone: ZoneInfo) -> tuple[Version, ...]:
    """The newest correction first; each shows what it took the place of."""
    after = _lines(form, check_in.answers, check_in.total, check_in.subscales)
    shown = []
    for earlier in sorted(check_in.earlier, key=lambda e: e.version, reverse=True):
        before = _lines(form, earlier.answers, earlier.total, earlier.subscales)
        changed = [
            (question, f"{was}, then {_now(question, after)}")
            for question, was in before
            if (question, was) not in after
        ]
        shown.append(Version(f"Version {earlier.version}", _why(earlier, staff, zone), tuple(changed)))
        after = before
    return tuple(shown)


def _now(question: str, lines: Sequence[tuple[str, str]]) -> str:
    return next((answer for asked, answer in lines if asked == question), _NO_ANSWER).lower()


def _why(earlier: EarlierVersion, staff: Mapping[UUID, str], zone: ZoneInfo) -> str:
    who = staff.get(earlier.superseded_by, "a colleague") if earlier.superseded_by else "a colleague"
    return (
        f"Corrected by {who}, {_when(earlier.superseded_at, zone)}: {word(CORRECTION_REASONS, earlier.reason).lower()}."
    )


def _when(at: datetime, zone: ZoneInfo) -> str:
    there = local(at, zone)
    return f"{short_day(there)} {there.year}, {hour(there)}"
