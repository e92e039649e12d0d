"""A client's check-ins, one of them with everything that stood there before, its correction and its withdrawal."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.areas.check_ins.entries.page import fields_of, service_fields, whose
from portal.areas.check_ins.entries.reading import TOTALS, read_entry
from portal.areas.check_ins.records.presenters import Shown, present_check_in, present_history
from portal.clients.feedback.check_ins import CheckIn
from portal.clients.feedback.forms import Form
from portal.clinic_time import local
from portal.kit.forms import Filled, submit
from portal.kit.wording.codes import CORRECTION_REASONS, WITHDRAWAL_REASONS
from portal.kit.wording.times import day_and_hour
from portal.request_context import RequestContext, request_context
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("records", __name__)
_DONE = {
    "corrected": "The correction is kept.",
    "withdrawn": "The entry is withdrawn.",
    "back": "The entry is back as it was, and counts again.",
}


@screen.get("/people/<uuid:client_id>/check-ins")
@requires(access.CARE_WORK)
def history(client_id: UUID) -> str:
    """Every form that was ever out, and what became of it."""
    current = request_context()
    person = current.intake.client(client_id)
    offers = current.check_ins.all_offers(client_id)
    current.shows([client_id], "check-ins")
    measures = {name: current.feedback.measure(name) for name in {offer.measure_id for offer in offers}}
    reader = None if "clinical_lead" in current.staff.roles else current.staff.id
    lines = present_history(offers, measures, reader)
    return render_template(
        "areas/check_ins/records/history.html", **whose(current, client_id, person.spoken_code), lines=lines
    )


@screen.get("/check-ins/<uuid:offer_id>")
@requires(access.CARE_WORK)
def show(offer_id: UUID) -> str:
    """One check-in with everything that stood there before."""
    return _check_in_page(request_context(), offer_id)


@screen.get("/check-ins/<uuid:offer_id>/correction")
@requires(access.CARE_WORK)
def correction(offer_id: UUID) -> str:
    """The entry as it stands, to be put right."""
    current = request_context()
    check_in = _to_correct(current, offer_id)
    return _correction_page(current, check_in, Filled(_as_typed(check_in)))


@screen.post("/check-ins/<uuid:offer_id>/correction")
@requires(access.CARE_WORK)
def correct(offer_id: UUID) -> str | Response | tuple[str, int]:
    """A new version with its reason; the earlier one stays."""
    current, filled = request_context(), Filled(request.form)
    check_in = _to_correct(current, offer_id)
    measure = current.feedback.measure(check_in.measure_id)
    entry = read_entry(measure, filled, correcting=True)
    reason = filled.choice("correction_reason", CORRECTION_REASONS, "Choose why it is corrected")
    version = filled.version()
    entry |= {"reason": reason}
    return submit(
        filled,
        lambda: current.check_ins.correct(offer_id, entry, version=version, key=filled.get("key")),
        page=lambda: _correction_page(current, check_in, filled),
        done=url_for("records.show", offer_id=offer_id, done="corrected"),
        fields=service_fields(measure),
    )


@screen.get("/check-ins/<uuid:offer_id>/withdrawal")
@requires(access.CARE_WORK)
def withdrawal(offer_id: UUID) -> str:
    """Why an entry is taken away, and what happens then."""
    current = request_context()
    return _withdrawal_page(current, _to_withdraw(current, offer_id), Filled())


@screen.post("/check-ins/<uuid:offer_id>/withdrawal")
@requires(access.CARE_WORK)
def withdraw(offer_id: UUID) -> str | Response | tuple[str, int]:
    """What staff entered by mistake counts no more."""
    current, filled = request_context(), Filled(request.form)
    check_in = current.check_ins.check_in(offer_id)
    if check_in.undo_until is not None:  # sent twice, or a colleague was faster: its page says so
        return redirect(url_for("records.show", offer_id=offer_id), 303)
    reason = filled.choice("withdrawal_reason", WITHDRAWAL_REASONS, "Choose why it is withdrawn")
    version = filled.version()
    return submit(
        filled,
        lambda: current.check_ins.withdraw(offer_id, reason, version=version, key=filled.get("key")),
        page=lambda: _withdrawal_page(current, check_in, filled),
        done=url_for("records.show", offer_id=offer_id, done="withdrawn"),
    )


@screen.post("/check-ins/<uuid:offer_id>/undo")
@requires(access.CARE_WORK)
def undo(offer_id: UUID) -> str | Response | tuple[str, int]:
    """A withdrawn entry counts again, within a day."""
    current, filled = request_context(), Filled(request.form)
    version = filled.version()
    return submit(
        filled,
        lambda: current.check_ins.bring_back(offer_id, version=version, key=filled.get("key")),
        page=lambda: _check_in_page(current, offer_id, filled.problems[0].message),
        done=url_for("records.show", offer_id=offer_id, done="back"),
    )


def _check_in_page(current: RequestContext, offer_id: UUID, refused: str = "") -> str:
    check_in = current.check_ins.check_in(offer_id)
    measure = current.feedback.measure(check_in.measure_id)
    current.shows([check_in.client_id], "check-ins")
    return render_template(
        "areas/check_ins/records/show.html",
        **_about(current, check_in),
        measure=measure,
        check_in=check_in,
        shown=_shown(current, check_in, measure),
        done=_DONE.get(request.args.get("done", ""), ""),
        refused=refused,
    )


def _shown(current: RequestContext, check_in: CheckIn, measure: Form) -> Shown:
    return present_check_in(
        check_in,
        measure,
        current.staff_names([check_in.entered_by, *(e.superseded_by for e in check_in.earlier)]),
        reader=current.staff.id,
        leads=current.staff.has("clinical_lead"),
        zone=current.zone,
        now=current.now,
    )


def _to_withdraw(current: RequestContext, offer_id: UUID) -> CheckIn:
    check_in = current.check_ins.check_in(offer_id)
    if check_in.version is None or check_in.entered_by is None:
        abort(404)
    return check_in


def _withdrawal_page(current: RequestContext, check_in: CheckIn, filled: Filled) -> str:
    measure = current.feedback.measure(check_in.measure_id)
    current.shows([check_in.client_id], "check-ins")
    return render_template(
        "areas/check_ins/records/withdrawal.html",
        **_about(current, check_in),
        measure=measure,
        check_in=check_in,
        shown=_shown(current, check_in, measure),
        filled=filled,
        reasons=list(WITHDRAWAL_REASONS.items()),
    )


def _to_correct(current: RequestContext, offer_id: UUID) -> CheckIn:
    check_in = current.check_ins.check_in(offer_id)
    if check_in.version is None or not check_in.shown:
        abort(404)
    return check_in


def _about(current: RequestContext, check_in: CheckIn) -> dict[str, Any]:
    person = current.intake.client(check_in.client_id)
    hour = current.scheduling.appointment(check_in.appointment_id)
    head = whose(current, check_in.client_id, person.spoken_code)
    return head | {"session": day_and_hour(local(hour.starts_at, current.zone))}


def _as_typed(check_in: CheckIn) -> dict[str, str]:
    typed = {name: str(answer) for name, answer in (check_in.answers or {}).items()}
    if check_in.total_only:
        typed["entry_mode"] = TOTALS
        typed["entry_total"] = "" if check_in.total is None else f"{check_in.total:g}"
        parts = (check_in.subscales or {}).items()
        typed |= {f"sub_{name}": f"{total:g}" for name, total in parts if total is not None}
    return typed


def _correction_page(current: RequestContext, check_in: CheckIn, filled: Filled) -> str:
    measure = current.feedback.measure(check_in.measure_id)
    current.shows([check_in.client_id], "check-ins")
    return render_template(
        "areas/check_ins/records/correction.html",
        **_about(current, check_in),
        **fields_of(measure, filled, correcting=True),
        check_in=check_in,
        reasons=list(CORRECTION_REASONS.items()),
    )
