"""Write a referral down, take the person on with their consents, or decline with a reason."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.areas.people.person.presenters import consent_boxes, present_contact
from portal.areas.people.referrals.presenters import present_referral, present_referrals
from portal.clients.intake import ConsentGiven, Referral
from portal.clients.service_client import ServiceRefused, optional
from portal.kit.forms import Filled, submit
from portal.kit.wording.codes import DECLINE_REASONS, PURPOSES, SOURCES
from portal.kit.wording.consents import TEXT_VERSION
from portal.request_context import request_context
from portal.security.permissions import PAGES, requires
from shared.contracts import access

screen = Blueprint("referrals", __name__)
_TABS = {"received": "To be decided", "accepted": "Accepted", "declined": "Declined"}
_PERSON = ("given_name", "family_name", "preferred_name", "phone", "email", "contact_note")
# The service's field -> the input it came from.
_FIELDS = {f"client.{name}": name for name in _PERSON} | {
    "client.birth_date": "birth_date-day",
    "source": "source",
    "note": "note",
}


@screen.get("/referrals")
@requires(PAGES["referrals"])
def index() -> str:
    """Those that wait for a decision first."""
    current = request_context()
    state = request.args.get("state", "received")
    state = state if state in _TABS else "received"
    found = current.intake.referrals(state=state)
    if state == "received":
        found = tuple(reversed(found))  # who has waited longest comes first
    names = current.names_of([referral.client_id for referral in found])
    return render_template(
        "areas/people/referrals/index.html",
        referrals=present_referrals(found, names, current.now, current.zone),
        tabs=[(words, url_for("referrals.index", state=code), code == state, None) for code, words in _TABS.items()],
        waits=state == "received",
    )


@screen.get("/referrals/new")
@requires(PAGES["referrals"])
def new() -> str:
    return _form(Filled())


@screen.post("/referrals/new")
@requires(PAGES["referrals"])
def receive() -> str | Response | tuple[str, int]:
    """Keep it; the person is registered with it."""
    filled = Filled(request.form)
    filled.text("given_name", "Enter the given name")
    filled.text("family_name", "Enter the family name")
    born = filled.three_part_day("birth_date", "Enter the date of birth, for example 27 3 1987")
    source = filled.choice("source", SOURCES, "Choose who referred them")
    if filled.problems or born is None:
        return _form(filled), 422
    person: dict[str, Any] = {name: filled.get(name) for name in _PERSON if filled.get(name)}
    body = {"client": person | {"birth_date": born.isoformat()}, "source": source}
    if filled.get("note"):
        body["note"] = filled.get("note")
    try:
        referral = request_context().intake.receive(body, key=filled.get("key"))
    except ServiceRefused as refused:
        filled.take_refusal(refused, _FIELDS)
        return _form(filled), 422 if refused.status < 500 else refused.status
    return redirect(url_for("referrals.show", referral_id=referral.id, done="received"), 303)


@screen.get("/referrals/<uuid:referral_id>")
@requires(access.REFERRAL)
def show(referral_id: UUID) -> str:
    """One referral with the two answers to it."""
    return _page(request_context().intake.referral(referral_id), Filled())


@screen.post("/referrals/<uuid:referral_id>/acceptance")
@requires(PAGES["referrals"])
def accept(referral_id: UUID) -> str | Response | tuple[str, int]:
    """Yes, with what the person agreed to."""
    filled = Filled(request.form)
    consents = [ConsentGiven(p, filled.get(f"consent_{p}") == "yes", TEXT_VERSION) for p in PURPOSES]
    if not consents[0].given:
        filled.refuse("consents", "Care cannot begin without their consent to keeping a record of it")
    version = filled.version()
    intake = request_context().intake
    return submit(
        filled,
        lambda: intake.accept(referral_id, consents, version=version),
        page=lambda: _page(intake.referral(referral_id), filled),
        done=url_for("person.show", client_id=intake.referral(referral_id).client_id, done="accepted"),
        fields={"consents": "consents"},
    )


@screen.post("/referrals/<uuid:referral_id>/decline")
@requires(PAGES["referrals"])
def decline(referral_id: UUID) -> str | Response | tuple[str, int]:
    """No, with a coded reason."""
    filled = Filled(request.form)
    reason = filled.choice("reason_code", DECLINE_REASONS, "Choose a reason")
    version = filled.version()
    intake = request_context().intake
    return submit(
        filled,
        lambda: intake.decline(referral_id, reason, version=version),
        page=lambda: _page(intake.referral(referral_id), filled),
        done=url_for("referrals.show", referral_id=referral_id, done="declined"),
        fields={"reason_code": "reason_code"},
    )


def _form(filled: Filled) -> str:
    return render_template("areas/people/referrals/new.html", filled=filled, sources=list(SOURCES.items()))


def _page(referral: Referral, filled: Filled) -> str:
    current = request_context()
    names = current.names_of([referral.client_id])
    client = optional(lambda: current.intake.client(referral.client_id))
    identity = getattr(client, "identity", None)
    current.shows([referral.client_id], "contact", *(["referral_note"] if referral.note else []))
    done = {"received": "Written down. It now waits for a decision.", "declined": "Declined."}
    return render_template(
        "areas/people/referrals/show.html",
        referral=present_referral(referral, names, current.now, current.zone),
        note=referral.note or "",
        note_is_closed=referral.has_note and referral.note is None,
        may_decide=current.may(PAGES["referrals"]),
        contact=present_contact(identity) if identity else [],
        boxes=consent_boxes(),
        reasons=list(DECLINE_REASONS.items()),
        filled=filled,
        done=done.get(request.args.get("done", ""), ""),
    )
