"""Gathers the risk answers that a page shows before everything else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.clients.feedback.check_ins import RiskAnswer
from portal.clients.feedback.forms import Form
from portal.clients.service_client import Unavailable, optional
from portal.clinic_time import local
from portal.kit.wording.codes import RISK_OUTCOMES
from portal.kit.wording.refusals import unavailable_sentence
from portal.kit.wording.sentences import sentence
from portal.kit.wording.states import Tag
from portal.kit.wording.times import ago, day_and_hour
from portal.names import Names, PersonLink
from portal.request_context import RequestContext
from shared.contracts import access

_UNANSWERED = "risk_unanswered"
_ANSWERED = "risk_answer"
_ENTERED = "risk_entered"
_WITHDRAWN = "risk_entry_withdrawn"
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
        sentence=_sentence(risk, form, due, zone) + (f" {sentence(_WITHDRAWN, {})}" if risk.entry_withdrawn else ""),
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


@dataclass(frozen=True, slots=True)
class RiskFound:
    """What nobody has read yet, before the names are known; nothing for those whom it does not concern."""

    answers: tuple[RiskAnswer, ...] = ()
    away: str | None = None
    forms: dict[str, Form] = field(default_factory=dict)

    @property
    def client_ids(self) -> Collection[UUID]:
        """Whose names the page needs."""
        return {risk.client_id for risk in self.answers}


@dataclass(frozen=True, slots=True)
class RiskPanel:
    """What the page prints; with nothing to read and nothing away, nothing."""

    lines: list[RiskLine]
    away: str | None
    outcomes: list[tuple[str, str]]


def find_risk(current: RequestContext, client_id: UUID | None = None) -> RiskFound:
    """
    What this person has to read: a therapist of their own clients, a clinical lead of everybody.

    It only asks, and may do so beside the page; `risk_panel` notes what is shown.
    """
    if not current.may(access.RISK_READING):
        return RiskFound()
    found = optional(lambda: current.check_ins.open_risk_answers(client_id))
    if isinstance(found, Unavailable):
        return RiskFound(away=unavailable_sentence(found.service))
    answers = found or ()
    forms = {measure_id: _form(current, measure_id) for measure_id in {risk.measure_id for risk in answers}}
    return RiskFound(answers, None, {name: form for name, form in forms.items() if isinstance(form, Form)})


def risk_panel(current: RequestContext, found: RiskFound, names: Names) -> RiskPanel:
    """In words, with the names of this page; notes whose answers they are."""
    current.shows(found.client_ids, "risk answers")
    lines = present_risk(found.answers, found.forms, names, zone=current.zone, now=current.now)
    return RiskPanel(lines, found.away, list(RISK_OUTCOMES.items()))


def _form(current: RequestContext, measure_id: str) -> Form | Unavailable | None:
    return optional(lambda: current.feedback.measure(measure_id))
