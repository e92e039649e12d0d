"""Whose relationship needs a conversation first."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for

from portal.areas.worklists.caseload.presenters import present_caseload
from portal.kit.components.impression import own_impressions
from portal.request_context import request_context
from portal.security.permissions import PAGES, requires

screen = Blueprint("caseload", __name__)


@screen.get("/caseload")
@requires(PAGES["caseload"])
def show() -> str:
    """A therapist's own clients; for the clinical lead everybody's, or one colleague's."""
    current = request_context()
    leads = current.staff.has("clinical_lead")
    whose = request.args.get("of", type=UUID) if leads else current.staff.id
    asked_impressions = current.begin(lambda: own_impressions(current))
    everybody = current.feedback.caseload(None if leads else whose)
    cases = [case for case in everybody if whose is None or case.practitioner_id == whose]
    not_yet = {client_id: offer.id for client_id, offer in asked_impressions.result().items()}
    names = current.names_of([case.client_id for case in cases])
    current.shows((case.client_id for case in cases), "reading")
    staff = current.staff_names(case.practitioner_id for case in everybody)
    caseload = present_caseload(
        cases, names, staff=staff, viewer=current.staff.id, not_yet=not_yet, now=current.now, zone=current.zone
    )
    tabs = [("Everybody", url_for("caseload.show"), whose is None, None)] if leads else []
    if leads:
        tabs += [
            (name, url_for("caseload.show", of=str(staff_id)), staff_id == whose, None)
            for staff_id, name in sorted(staff.items(), key=lambda item: item[1].casefold())
        ]
    return render_template(
        "areas/worklists/caseload/show.html",
        caseload=caseload,
        tabs=tabs if len(tabs) > 2 else [],
        with_therapist=leads and whose is None,
        names_away=names.away,
    )
