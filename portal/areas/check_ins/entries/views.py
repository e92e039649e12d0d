"""Enter what a client said or wrote; print a form for paper."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.areas.check_ins.entries.page import fields_of, service_fields, session_options, whose
from portal.areas.check_ins.entries.reading import PAPER, TOGETHER, read_entry, sharing_options
from portal.areas.check_ins.hand_over.presenters import present_questions
from portal.clients.feedback.client import CrisisInformation, Offer
from portal.clients.feedback.forms import Form
from portal.clients.service_client import optional
from portal.clinic_time import local
from portal.kit.forms import Filled, submit
from portal.kit.wording.times import day_and_hour, long_day
from portal.request_context import RequestContext, request_context
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("entries", __name__)
_CHANNELS = [(TOGETHER, "Together, in the session"), (PAPER, "From paper")]
_LOOKING_BACK, _LOOKING_AHEAD = timedelta(days=60), timedelta(days=1)


@screen.get("/check-ins/<uuid:offer_id>/entry")
@requires(access.CARE_WORK)
def form(offer_id: UUID) -> str:
    """All questions on one page."""
    current = request_context()
    return _entry_page(current, _offered(current, offer_id), _begun())


@screen.post("/check-ins/<uuid:offer_id>/entry")
@requires(access.CARE_WORK)
def enter(offer_id: UUID) -> str | Response | tuple[str, int]:
    """Keep what they said; the first answer that is kept counts."""
    current = request_context()
    offer = _offered(current, offer_id)
    measure, filled = current.feedback.measure(offer.measure_id), Filled(request.form)
    entry = read_entry(measure, filled) | {"measure_version": offer.measure_version}
    return submit(
        filled,
        lambda: current.check_ins.enter(offer.id, entry, key=filled.get("key")),
        page=lambda: _entry_page(current, offer, filled),
        done=url_for("person.show", client_id=offer.client_id, done="entered"),
        fields=service_fields(measure),
    )


@screen.get("/check-ins/<uuid:offer_id>/paper")
@requires(access.FORMS)
def paper(offer_id: UUID) -> str:
    """For a printer: the spoken code and the session, no name."""
    current = request_context()
    found = next((offer for offer in current.feedback.offers(side="client") if offer.id == offer_id), None)
    measure = current.feedback.measure(found.measure_id) if found else None
    if found is None or measure is None or not measure.is_form:
        abort(404)
    current.shows([found.client_id], "appointments")
    crisis = optional(current.feedback.crisis_information)
    return render_template(
        "areas/check_ins/entries/paper.html",
        help=crisis.block if isinstance(crisis, CrisisInformation) else (),
        form_text=measure,
        questions=present_questions(measure),
        code=found.spoken_code,
        session=long_day(found.session_date),
    )


@screen.get("/people/<uuid:client_id>/check-ins/new")
@requires(access.CARE_WORK)
def choose(client_id: UUID) -> str:
    """Which session, which measure; then the questions."""
    current = request_context()
    person = current.intake.client(client_id)
    filled = Filled(request.args)
    now = current.now
    hours = current.scheduling.appointments(now - _LOOKING_BACK, now + _LOOKING_AHEAD, client_id=client_id)
    sessions, measures = session_options(hours), _measures(current)
    chosen = next((one for one in measures if one.id == filled.get("measure")), None)
    session = dict(sessions).get(filled.get("appointment"))
    if chosen and session:
        return _page(current, client_id, person.spoken_code, session, chosen, _begun(), _new(client_id))
    current.shows([client_id], "appointments")
    return render_template(
        "areas/check_ins/entries/choose.html",
        **whose(current, client_id, person.spoken_code),
        filled=filled,
        sessions=sessions,
        measures=[(one.id, one.called) for one in measures],
    )


@screen.post("/people/<uuid:client_id>/check-ins/new")
@requires(access.CARE_WORK)
def enter_new(client_id: UUID) -> str | Response | tuple[str, int]:
    """Keep what they said about a session whose form was not offered."""
    current, filled = request_context(), Filled(request.form)
    person = current.intake.client(client_id)
    appointment = filled.id("appointment", "Choose a session")
    measure = current.feedback.measure(filled.get("measure"))
    if appointment is None:
        abort(400)
    session = day_and_hour(local(current.scheduling.appointment(appointment).starts_at, current.zone))
    entry = read_entry(measure, filled)
    entry |= {"appointment_id": appointment, "measure_id": measure.id, "measure_version": measure.version}
    return submit(
        filled,
        lambda: current.check_ins.enter_for_session(client_id, entry, key=filled.get("key")),
        page=lambda: _page(current, client_id, person.spoken_code, session, measure, filled, _new(client_id)),
        done=url_for("person.show", client_id=client_id, done="entered"),
        fields=service_fields(measure),
    )


def _begun() -> Filled:
    """An entry page as it opens: the way that was chosen before."""
    way = request.args.get("way", "")
    return Filled({"entry_channel": way if way in (TOGETHER, PAPER) else "", "entry_mode": request.args.get("by", "")})


def _offered(current: RequestContext, offer_id: UUID) -> Offer:
    found = next((offer for offer in current.feedback.offers(side="client") if offer.id == offer_id), None)
    if found is None:
        abort(404)
    return found


def _measures(current: RequestContext) -> tuple[Form, ...]:
    planned = (entry.measure_id for entry in current.check_ins.plan().entries)
    forms = [current.feedback.measure(measure_id) for measure_id in dict.fromkeys(planned)]
    return tuple(form for form in forms if form.side == "client")


def _new(client_id: UUID) -> str:
    return url_for("entries.enter_new", client_id=client_id)


def _entry_page(current: RequestContext, offer: Offer, filled: Filled) -> str:
    form = current.feedback.measure(offer.measure_id)
    action = url_for("entries.enter", offer_id=offer.id)
    return _page(current, offer.client_id, offer.spoken_code, long_day(offer.session_date), form, filled, action)


def _page(
    current: RequestContext, client_id: UUID, code: str, session: str, measure: Form, filled: Filled, action: str
) -> str:
    current.shows([client_id], "appointments")
    return render_template(
        "areas/check_ins/entries/entry.html",
        **whose(current, client_id, code),
        **fields_of(measure, filled, correcting=False),
        session=session,
        action=action,
        hidden={name: request.values.get(name, "") for name in ("appointment", "measure") if name in request.values},
        sharing=sharing_options(measure),
        channels=_CHANNELS,
    )
