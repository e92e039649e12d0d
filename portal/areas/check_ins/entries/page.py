"""What the entry pages share: whose they are, the fields of a measure, and a refusal at its field."""

from typing import Any
from uuid import UUID

from portal.areas.check_ins.entries.reading import ITEMS, marks_of, total_fields, ways_in
from portal.areas.check_ins.hand_over.presenters import present_questions
from portal.clients.feedback.forms import Form
from portal.clients.service_client import ServiceRefused
from portal.kit.forms import Filled
from portal.request_context import RequestContext


def whose(current: RequestContext, client_id: UUID, code: str) -> dict[str, Any]:
    """The person at the top of the page."""
    return {"person": current.names_of([client_id]).person(client_id, code)}


def fields_of(measure: Form, filled: Filled, *, correcting: bool) -> dict[str, Any]:
    """The questions, or the totals, as the page begins with them or gets them back."""
    ways = ways_in(measure)
    mode = filled.get("entry_mode")
    shown = {item.id for item in marks_of(measure, correcting=correcting)}
    return {
        "form_text": measure,
        "filled": filled,
        "problems": filled.problems,
        "mode": mode if mode in ways else ways[0] if ways else ITEMS,
        "both_ways": len(ways) > 1,
        "questions": [question for question in present_questions(measure) if question.id in shown],
        "totals": total_fields(measure),
    }


def with_refusal(filled: Filled, refused: ServiceRefused, measure: Form) -> Filled:
    """What the service does not take, at its field."""
    if refused.status == 404:
        raise refused
    where = {f"answers.{item.id}": item.id for item in measure.items} | {"total": "entry_total"}
    where |= {f"subscales.{part.id}": f"sub_{part.id}" for part in measure.subscales}
    where |= {"answers.s1": "entry_sharing", "sharing": "entry_sharing", "channel": "entry_channel"}
    filled.take_refusal(refused, where)
    return filled


def status_of(refused: ServiceRefused) -> int:
    """The status of the page that says so."""
    return refused.status if refused.status in {409, 412} else 422
