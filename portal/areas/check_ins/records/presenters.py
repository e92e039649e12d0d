"""A check-in in words: its answers, how it came, what stood there before, and whether it can be withdrawn."""

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
from portal.kit.wording.codes import CHANNELS, CORRECTION_REASONS, MOMENTS, SHARING, WITHDRAWAL_REASONS, word
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
    opens: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Version:
    """What stood there once; `lines` are question and answer: those that were changed, all of a withdrawn entry."""

    title: str
    why: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Undo:
    """A withdrawal that can still be undone: the version of the entry, and until when."""

    version: int
    until: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One check-in; `withdrawn` says that an entry was taken away and none stands in its place."""

    tag: Tag
    facts: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str], ...]
    kept_back: str
    versions: tuple[Version, ...]
    may_correct: bool
    may_withdraw: bool
    withdrawn: str
    undo: Undo | None


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
            _note(offer),
            _look(offer) if _opens(offer, measures[offer.measure_id], reader) else "",
            offer.state == "open",
        )
        for offer in sorted(offers, key=lambda o: (o.session_date, o.offered_at, str(o.id)), reverse=True)
    ]


def _note(offer: Offer) -> str:
    if offer.entry_withdrawn and offer.state != "received":
        return "An entry was withdrawn"
    return word(MISSING, offer.missing_reason) if offer.missing_reason else ""


def _look(offer: Offer) -> str:
    if offer.state == "received":
        return "Look, or correct"
    return "Look" if offer.entry_withdrawn else ""


def _opens(offer: Offer, form: Form, reader: UUID | None) -> bool:
    return reader in (None, offer.practitioner_id) or form.construct != "alliance"


def present_check_in(
    check_in: CheckIn,
    form: Form,
    staff: Mapping[UUID, str],
    *,
    reader: UUID,
    leads: bool,
    zone: ZoneInfo,
    now: datetime,
) -> Shown:
    """Answers in words, who entered them and how, each earlier version with what was changed, and what can be done."""
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
        may_withdraw=received and _may_withdraw(check_in, reader, leads=leads),
        withdrawn="" if check_in.undo_until is None else "The entry was withdrawn; nothing counts here now.",
        undo=_undo(check_in, zone, now),
    )


def _may_withdraw(check_in: CheckIn, reader: UUID, *, leads: bool) -> bool:
    """Whoever sees what staff entered, and whoever entered it; of their impression a therapist alone."""
    if check_in.side == "therapist" and check_in.practitioner_id != reader:
        return False
    return check_in.entered_by is not None and (check_in.shown or leads or check_in.entered_by == reader)


def _undo(check_in: CheckIn, zone: ZoneInfo, now: datetime) -> Undo | None:
    if check_in.undo_until is None or check_in.undo_until < now:
        return None
    return Undo(check_in.earlier[-1].version, day_and_hour(local(check_in.undo_until, zone)))


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
    """The newest first: what a correction changed, and the whole of an entry that was withdrawn."""
    after = _lines(form, check_in.answers, check_in.total, check_in.subscales)
    shown = []
    for earlier in sorted(check_in.earlier, key=lambda e: e.version, reverse=True):
        before = _lines(form, earlier.answers, earlier.total, earlier.subscales)
        changed = [
            (question, f"{was}, then {_now(question, after)}")
            for question, was in before
            if (question, was) not in after
        ]
        if earlier.withdrawn:
            changed = [] if earlier.restored_at else list(before)
        shown.append(Version(f"Version {earlier.version}", _why(earlier, staff, zone), tuple(changed)))
        after = before
    return tuple(shown)


def _now(question: str, lines: Sequence[tuple[str, str]]) -> str:
    return next((answer for asked, answer in lines if asked == question), _NO_ANSWER).lower()


def _why(earlier: EarlierVersion, staff: Mapping[UUID, str], zone: ZoneInfo) -> str:
    who = staff.get(earlier.superseded_by, "a colleague") if earlier.superseded_by else "a colleague"
    what, reasons = ("Withdrawn", WITHDRAWAL_REASONS) if earlier.withdrawn else ("Corrected", CORRECTION_REASONS)
    why = f"{what} by {who}, {_when(earlier.superseded_at, zone)}: {word(reasons, earlier.reason).lower()}."
    return f"{why} Brought back {_when(earlier.restored_at, zone)}." if earlier.restored_at else why


def _when(at: datetime, zone: ZoneInfo) -> str:
    there = local(at, zone)
    return f"{short_day(there)} {there.year}, {hour(there)}"
