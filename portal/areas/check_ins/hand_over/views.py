"""Hand a client their check-in; give one's own impression, before looking at theirs."""

import re
from uuid import UUID

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.areas.check_ins.hand_over.presenters import present_questions, read_answers
from portal.clients.feedback.client import Offer
from portal.clients.service_client import ServiceRefused
from portal.clinic_time import local
from portal.kit.components.packet import packet_with
from portal.kit.forms import Filled, submit
from portal.kit.sign_in import leave_now, signed_out
from portal.kit.wording.codes import MISSING_REASONS
from portal.kit.wording.refusals import refusal_sentence
from portal.kit.wording.times import day_and_hour, hour, long_day
from portal.request_context import RequestContext, request_context
from portal.security.access_log import has_seen_answers
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("check_ins", __name__)
_LINK_PATH = re.compile(r"/f/[A-Za-z0-9_-]{16,128}")


@screen.get("/check-ins/<uuid:offer_id>/hand-over")
@requires(access.FORMS)
def choose(offer_id: UUID) -> str | tuple[str, int]:
    """The ways to hand a form over, side by side."""
    current = request_context()
    offers = current.feedback.offers(side="client")
    offer = next((found for found in offers if found.id == offer_id), None)
    if offer is None:
        return render_template(
            "areas/check_ins/hand_over/gone.html", sentence="It was returned, taken back, or has run out."
        ), 404
    packet = packet_with(offers, offer)
    current.shows([offer.client_id], "appointments")
    names = current.names_of([offer.client_id])
    return render_template(
        "areas/check_ins/hand_over/choose.html",
        packet=packet,
        person=names.person(offer.client_id, offer.spoken_code),
        until=day_and_hour(local(offer.expires_at, current.zone)),
        measures=[(one.id, current.feedback.measure(one.measure_id)) for one in packet.offers],
        may_enter=current.may(access.CARE_WORK),
    )


@screen.post("/check-ins/<uuid:offer_id>/code")
@requires(access.FORMS)
def make_code(offer_id: UUID) -> str | tuple[str, int]:
    """Six digits for the tablet in the waiting room, shown large: whoever stands there has to read them."""
    current = request_context()
    try:
        code = current.check_ins.make_code(offer_id, key=request.form.get("key", ""))
    except ServiceRefused as refused:
        return _over(refused)
    until = local(code.expires_at, current.zone)
    return render_template("areas/check_ins/hand_over/code.html", code=code.code, until=hour(until), offer_id=offer_id)


@screen.post("/check-ins/<uuid:offer_id>/reminded")
@requires(access.FORMS)
def reminded(offer_id: UUID) -> Response | tuple[str, int]:
    """Somebody has reminded the client; nobody does so again for this form."""
    try:
        request_context().check_ins.reminded(offer_id, key=request.form.get("key", ""))
    except ServiceRefused as refused:
        return _over(refused)
    return redirect(url_for("today.show", done="reminded", view=request.form.get("view") or None), 303)


@screen.post("/check-ins/<uuid:offer_id>/link")
@requires(access.FORMS)
def make_link(offer_id: UUID) -> str | tuple[str, int]:
    """A new one-time link, shown once: an earlier one of this form that was not opened ends."""
    current = request_context()
    try:
        link = current.feedback.make_link(offer_id, key=request.form.get("key", ""))
    except ServiceRefused as refused:
        return _over(refused)
    return render_template(
        "areas/check_ins/hand_over/link.html",
        offer_id=offer_id,
        address=current.dependencies.checkin_base_url.rstrip("/") + link.path,
        path=link.path,
        until=day_and_hour(local(link.expires_at, current.zone)),
    )


@screen.post("/check-ins/hand-over")
@requires(access.FORMS)
def hand_over() -> Response:
    """Sign out on this device before the client holds it: nothing of ours is a Back button away."""
    current, path = request_context(), request.form.get("path", "")
    if not _LINK_PATH.fullmatch(path):
        abort(400)
    leave_now(current)
    # The mark tells the form that this device comes back to us: what a client begins on it ends with it.
    address = f"{current.dependencies.checkin_base_url.rstrip('/')}{path}?device=clinic"
    page = render_template("areas/check_ins/hand_over/hand_over.html", address=address)
    return signed_out(make_response(page))


@screen.post("/check-ins/<uuid:offer_id>/missing")
@requires(access.FORMS)
def say_why_missing(offer_id: UUID) -> Response | tuple[str, int]:
    """No answer will come, and why; a missing answer is never guessed."""
    filled = Filled(request.form)
    reason = filled.choice("reason", MISSING_REASONS, "Choose a reason")
    client_id = filled.id("client_id", "Reload the page and try again")
    if filled.problems or client_id is None:
        abort(400)
    try:
        request_context().feedback.say_why_missing(offer_id, reason, key=filled.get("key"))
    except ServiceRefused as refused:
        return _over(refused)
    return redirect(url_for("person.show", client_id=client_id, done="missing"), 303)


@screen.get("/check-ins/<uuid:offer_id>/mirror")
@requires(access.OWN_IMPRESSION)
def mirror(offer_id: UUID) -> str:
    """The therapist's impression: 15 seconds."""
    current = request_context()
    return _page(current, _offer(current, offer_id), Filled())


@screen.post("/check-ins/<uuid:offer_id>/mirror")
@requires(access.OWN_IMPRESSION)
def answer(offer_id: UUID) -> str | Response | tuple[str, int]:
    """Hand it in; the access log says whether the client's answers had been on the screen before."""
    current = request_context()
    offer = _offer(current, offer_id)
    form = current.feedback.measure(offer.measure_id)
    filled = Filled(request.form)
    answers = read_answers(form, filled)
    if not answers and not filled.problems:
        filled.refuse(form.items[0].id if form.items else "", "Answer at least one question")
    with current.transaction() as tx:
        opened = has_seen_answers(tx, current.staff.id, offer.appointment_id)
    return submit(
        filled,
        lambda: current.feedback.answer(offer.id, answers, opened_client_answers=opened, key=filled.get("key")),
        page=lambda: _page(current, offer, filled),
        done=url_for("person.show", client_id=offer.client_id, done="impression"),
        fields={f"answers.{item.id}": item.id for item in form.items},
    )


def _over(refused: ServiceRefused) -> tuple[str, int]:
    """Handing over did not work: why, in the service's words."""
    if refused.status == 404:
        raise refused
    sentence = refusal_sentence(refused.status, refused.detail)
    return render_template("areas/check_ins/hand_over/gone.html", sentence=sentence), refused.status


def _offer(current: RequestContext, offer_id: UUID) -> Offer:
    """The open form, if it is one's own."""
    mine = current.feedback.offers(side="therapist", practitioner_id=current.staff.id)
    found = next((offer for offer in mine if offer.id == offer_id), None)
    if found is None:
        abort(404)
    return found


def _page(current: RequestContext, offer: Offer, filled: Filled) -> str:
    form = current.feedback.measure(offer.measure_id)
    names = current.names_of([offer.client_id])
    return render_template(
        "areas/check_ins/hand_over/mirror.html",
        offer=offer,
        person=names.person(offer.client_id, offer.spoken_code),
        session=long_day(offer.session_date),
        form_text=form,
        questions=present_questions(form),
        filled=filled,
    )
