"""What the entry pages share: whose they are, the sessions to choose from, the fields of a measure."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from portal.areas.check_ins.entries.reading import ITEMS, marks_of, total_fields, ways_in
from portal.areas.check_ins.hand_over.presenters import present_questions
from portal.clients.feedback.forms import Form
from portal.clients.scheduling import Appointment
from portal.kit.components.hour import local
from portal.kit.forms import Filled
from portal.kit.wording.states import status_tag
from portal.kit.wording.times import day_and_hour
from portal.request_context import RequestContext

_ENTERABLE = frozenset({"booked", "arrived", "completed"})


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
        "mode": mode if mode in ways else ways[0] if ways else ITEMS,
        "both_ways": len(ways) > 1,
        "questions": [question for question in present_questions(measure) if question.id in shown],
        "totals": total_fields(measure),
    }


def service_fields(measure: Form) -> dict[str, str]:
    """The service's names for the fields of an entry -> ids of our inputs, for what it refuses."""
    where = {f"answers.{item.id}": item.id for item in measure.items} | {"total": "entry_total"}
    where |= {f"subscales.{part.id}": f"sub_{part.id}" for part in measure.subscales}
    return where | {"answers.s1": "entry_sharing", "sharing": "entry_sharing", "channel": "entry_channel"}


def session_options(hours: Sequence[Appointment]) -> list[tuple[str, str]]:
    """Sessions about which a form can be entered, the latest first, as pairs of id and words."""
    return [
        (str(hour.id), f"{day_and_hour(local(hour)[0])}, {status_tag(hour.status).word.lower()}")
        for hour in sorted(hours, key=lambda h: h.starts_at, reverse=True)
        if hour.status in _ENTERABLE
    ]
