"""A risk answer in the approved words: who, what, by when; the first thing that is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.gateways.collecting import RiskAnswer
from portal.gateways.measures import Form
from portal.names import Names, PersonLink
from portal.wording.sentences import sentence
from portal.wording.states import Tag
from portal.wording.times import ago, day_and_hour, local

_UNANSWERED, _ANSWERED, _ENTERED = "risk_unanswered", "risk_answer", "risk_entered"
_PASSED_ON_TO = "the clinical lead"


@dataclass(frozen=True, slots=True)
class RiskLine:
    """One answer that nobody has read yet."""

    id: UUID
    version: int
    person: PersonLink
    measure: str
    sentence: str
    overdue: str
    tag: Tag
    due: str


def present_risk(
    found: Sequence[RiskAnswer], forms: Mapping[str, Form], names: Names, *, zone: ZoneInfo, now: datetime
) -> list[RiskLine]:
    """What is past its time first, then by when it has to be read; what was only left open last."""
    in_order = sorted(found, key=lambda r: (r.due_at is None, r.due_at or r.raised_at, str(r.id)))
    return [_line(risk, forms.get(risk.measure_id), names, zone=zone, now=now) for risk in in_order]


def _line(risk: RiskAnswer, form: Form | None, names: Names, *, zone: ZoneInfo, now: datetime) -> RiskLine:
    is_late = risk.state == "overdue" or (risk.due_at is not None and risk.due_at <= now)
    since = ago(risk.raised_at, now, zone)
    due = day_and_hour(local(risk.due_at, zone)) if risk.due_at else ""
    return RiskLine(
        id=risk.id,
        version=risk.version,
        person=names.person(risk.client_id, risk.spoken_code),
        measure=form.called if form else "",
        sentence=_sentence(risk, form, due, zone),
        overdue=sentence("risk_overdue", {"role": _PASSED_ON_TO}) if risk.state == "overdue" else "",
        tag=_tag(is_late=is_late, is_due=risk.due_at is not None),
        due=f"Due {due}, answered {since}" if due else f"Left open {since}",
    )


def _sentence(risk: RiskAnswer, form: Form | None, due: str, zone: ZoneInfo) -> str:
    if not risk.raised:
        if risk.about_oneself:
            return sentence(_UNANSWERED, {})
        return sentence("risk_unanswered_other", {"items": _items(risk.unanswered)})
    answers = dict.fromkeys(_words(form, raised.item, raised.answer) for raised in risk.raised)
    time = day_and_hour(local(risk.raised_at, zone))
    told = {"answer": ", ".join(answers), "time": time, "due": due}
    if not risk.about_oneself:
        return sentence("risk_answer_other", told | {"items": _items([raised.item for raised in risk.raised])})
    return sentence(_ANSWERED if risk.saw_help else _ENTERED, told)


def _items(names: Sequence[str]) -> str:
    """Which questions, by their numbers: what they ask is not ours to tell."""
    numbers = [name.removeprefix("q") for name in names]
    return f"question {numbers[0]}" if len(numbers) == 1 else f"questions {', '.join(numbers)}"


def _words(form: Form | None, item_id: str, answer: object) -> str:
    item = next((item for item in form.items if item.id == item_id), None) if form else None
    text = next((option.text for option in item.options if option.code == str(answer)), "") if item else ""
    return text or str(answer)


def _tag(*, is_late: bool, is_due: bool) -> Tag:
    if is_late:
        return Tag("Overdue", "late", "bad")
    return Tag("Please read", "warn", "bad") if is_due else Tag("Left open", "info", "warn")
