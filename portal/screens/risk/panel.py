"""Gathers the risk answers that a page shows before everything else."""

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from portal.gateways.collecting import RiskAnswer
from portal.gateways.line import Away, if_there
from portal.gateways.measures import Form
from portal.names import Names
from portal.screens.risk.presenters import RiskLine, present_risk
from portal.security.rights import READINGS
from portal.visit import Visit
from portal.wording.codes import RISK_OUTCOMES
from portal.wording.refusals import away_sentence


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


def find_risk(current: Visit, client_id: UUID | None = None) -> RiskFound:
    """What this person has to read: a therapist of their own clients, a clinical lead of everybody."""
    if not current.may(READINGS):
        return RiskFound()
    found = if_there(lambda: current.collecting.open_risk_answers(client_id))
    if isinstance(found, Away):
        return RiskFound(away=away_sentence(found.service))
    answers = found or ()
    current.shows({risk.client_id for risk in answers}, "risk answers")
    forms = {measure_id: _form(current, measure_id) for measure_id in {risk.measure_id for risk in answers}}
    return RiskFound(answers, None, {name: form for name, form in forms.items() if isinstance(form, Form)})


def risk_panel(current: Visit, found: RiskFound, names: Names) -> RiskPanel:
    """In words, with the names of this page."""
    lines = present_risk(found.answers, found.forms, names, zone=current.zone, now=current.now)
    return RiskPanel(lines, found.away, list(RISK_OUTCOMES.items()))


def _form(current: Visit, measure_id: str) -> Form | Away | None:
    return if_there(lambda: current.feedback.measure(measure_id))
