"""Forms: what is offered, how a measure is worded, and the form as its writer sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.feedback.domain.crisis import CrisisInformation
from services.feedback.domain.forms import FormState, form_state, hashed
from services.feedback.domain.measures import Measure
from services.feedback.domain.refusals import FormUnknown
from services.feedback.queries.caseload import NO_CODE
from services.feedback.store import crisis, definitions, links, offers
from shared.database import Row, Tx
from shared.scope import Scope
from shared.security import audit


@dataclass(frozen=True, slots=True)
class FormView:
    """A form as its writer sees it: no name, no history, no total; `measure` only while it is open."""

    state: FormState
    measure: Measure | None
    answers: Mapping[str, Any]
    expires_at: datetime
    crisis: CrisisInformation | None
    sharing: str | None = None


def list_offers(
    tx: Tx, wanted: dict[str, Any], *, after: tuple[str, ...] | None, limit: int, scope: Scope, now: datetime
) -> list[Row]:
    """That forms are out, for whom and until when; never what was answered."""
    rows = offers.list_offers(tx, scope, wanted, after=after, limit=limit)
    if rows:
        about = list(dict.fromkeys(row["client_id"] for row in rows))
        audit.record(tx, scope, "offers.read", about=about, fields=["state", "session_date"], now=now)
    return [row | {"spoken_code": row["spoken_code"] or NO_CODE} for row in rows]


def form(tx: Tx, handle: str, *, scope: Scope, now: datetime) -> FormView:
    """
    The form behind a handle.

    Raises:
        FormUnknown: no such handle, or a newer link has taken its place.
    """
    row = links.form_of_handle(tx, scope, hashed(handle))
    if row is None:
        raise FormUnknown("This form cannot be opened any more.")
    state = form_state(row["state"], row["expires_at"], now)
    shown = crisis.current_crisis_information(tx, scope)
    if state is not FormState.OPEN:
        return FormView(state, None, {}, row["expires_at"], shown, sharing=row["sharing"])
    audit.record(tx, scope, "form.read", about=[row["client_id"]], fields=["answers"], now=now)
    measure = definitions.worded(tx, scope, row["measure_id"], row["measure_version"])
    asked = measure.asked(open_wish=row["wish_id"] is not None)
    draft = links.draft_of(tx, scope, row["id"], row["client_id"])
    return FormView(state, asked, draft, row["expires_at"], shown)


def crisis_information(tx: Tx, *, scope: Scope) -> CrisisInformation | None:
    """What the clinic entered, None before it did."""
    return crisis.current_crisis_information(tx, scope)
