"""One person. Each part of the page stands alone: a service that is away costs its part only."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.areas.people.booking.presenters import as_last_time, practitioner_options, present_slots
from portal.areas.people.person import outcome as outcomes
from portal.areas.people.person.course import owners_of, present_course
from portal.areas.people.person.presenters import (
    ALLOCATABLE,
    BOOKABLE,
    ENDABLE,
    NOT_BEGUN,
    present_consents,
    present_contact,
    present_head,
    present_next_hour,
    present_offers,
)
from portal.clients.feedback.client import Offer
from portal.clients.feedback.course import Course, answered_sessions
from portal.clients.feedback.outcome import Outcome
from portal.clients.intake import Client, ConsentGiven
from portal.clients.scheduling import Neighbours, Practitioner
from portal.clients.service_client import ServiceUnavailable, Unavailable, optional, there
from portal.kit.components.impression import looks_anyway, own_impression_first
from portal.kit.components.risk import RiskFound, find_risk, risk_panel
from portal.kit.error_pages import not_kept
from portal.kit.forms import Filled, Problem, submit
from portal.kit.wording.codes import CLOSING_REASONS, COURSE_REASONS, ENDING_REASONS, MISSING_REASONS, PURPOSES
from portal.kit.wording.consents import TEXT_VERSION
from portal.kit.wording.refusals import away_sentence, unavailable_sentence
from portal.names import Names
from portal.request_context import Begun, RequestContext, request_context
from portal.security.access_log import answers_shown
from portal.security.permissions import PAGES, requires
from shared.contracts import access

screen = Blueprint("person", __name__)
DONE = {
    "booked": "The hour is booked.",
    "impression": "Your impression is kept.",
    "talked": "Noted: the two of you have talked about it.",
    "allocated": "Therapist and client are brought together.",
    "consent": "Noted.",
    "moved": "The hour is moved.",
    "taken_on": "You follow this through from now on. You can give it back at any time, beside it.",
    "given_back": "Given back: their therapist follows it through. You can take it on again at any time, beside it.",
    "closed": "Closed. From here on, a new usual range is learnt.",
    "entered": "Their answers are kept.",
    "risk_read": "Kept: somebody has read it, and what came of it.",
    "missing": "Noted. Nothing is filled in for it.",
    "accepted": "Taken on. A therapist can be found now.",
}


@screen.get("/people/<uuid:client_id>")
@requires(PAGES["people"])
def show(client_id: UUID) -> str:
    """The page, with the parts that the viewer's roles open."""
    return _page(client_id, Filled())


@screen.post("/people/<uuid:client_id>/allocation")
@requires(access.ALLOCATING)
def allocate(client_id: UUID) -> str | Response | tuple[str, int]:
    """Bring client and therapist together, or change the therapist."""
    filled = Filled(request.form)
    practitioner = filled.id("practitioner_id", "Choose a therapist")
    if practitioner is None:
        return _page(client_id, filled), 422
    return _attempt(
        client_id,
        filled,
        lambda: request_context().intake.allocate(client_id, practitioner, key=filled.get("key")),
        {"practitioner_id": "practitioner_id"},
        "allocated",
    )


@screen.post("/people/<uuid:client_id>/consents")
@requires(access.CONSENTS)
def record_consent(client_id: UUID) -> str | Response | tuple[str, int]:
    """Keep a consent, or its withdrawal, which counts at once."""
    filled = Filled(request.form)
    purpose = filled.choice("purpose", PURPOSES, "Choose a purpose")
    consent = ConsentGiven(purpose, filled.get("given") == "yes", TEXT_VERSION)
    return _attempt(
        client_id,
        filled,
        lambda: request_context().intake.record_consent(client_id, consent, key=filled.get("key")),
        {},
        "consent",
    )


@screen.post("/people/<uuid:client_id>/ending")
@requires(access.ENDING)
def end_care(client_id: UUID) -> str | Response | tuple[str, int]:
    """Therapy ends, with a reason. A therapist who ends it no longer sees this page afterwards."""
    filled = Filled(request.form)
    reason = filled.choice("reason_code", ENDING_REASONS, "Choose how it ended")
    version = filled.version()
    return submit(
        filled,
        lambda: request_context().intake.end_care(client_id, reason, version=version),
        page=lambda: _page(client_id, filled),
        done=url_for("people.index", done="ended"),
        fields={"reason_code": "reason_code"},
    )


@screen.post("/people/<uuid:client_id>/episodes/<uuid:episode_id>/closing")
@requires(access.CARE_WORK)
def close_episode(client_id: UUID, episode_id: UUID) -> str | Response | tuple[str, int]:
    """Leave an unrepaired episode behind, with a reason; a new usual range is learnt."""
    filled = Filled(request.form)
    reason = filled.choice("closing_reason", CLOSING_REASONS, "Choose a reason")
    version = filled.version()
    return _attempt(
        client_id,
        filled,
        lambda: request_context().feedback.close_episode(episode_id, reason, version=version),
        {"reason": "closing_reason"},
        "closed",
    )


@screen.post("/people/<uuid:client_id>/episodes/<uuid:episode_id>/owner")
@requires(access.FOLLOWING_THROUGH)
def hand_over(client_id: UUID, episode_id: UUID) -> str | Response | tuple[str, int]:
    """The clinical lead takes an episode on, or gives it back to the therapist."""
    filled = Filled(request.form)
    owner = filled.id("owner_id", "Reload the page and try again")
    version = filled.version()
    if owner is None or filled.problems:
        return _page(client_id, Filled(problems=[Problem("", "Reload the page and try again")])), 422
    return _attempt(
        client_id,
        filled,
        lambda: request_context().follow_up.hand_over(episode_id, owner, version=version),
        {},
        "taken_on" if owner == request_context().staff.id else "given_back",
    )


@screen.post("/people/<uuid:client_id>/episodes/<uuid:episode_id>/conversation")
@requires(access.CARE_WORK)
def note_conversation(client_id: UUID, episode_id: UUID) -> str | Response | tuple[str, int]:
    filled = Filled(request.form)
    held_on = filled.day("held_on", "Enter the day on which you talked about it")
    if held_on and held_on > request_context().today:
        filled.refuse("held_on", "The day cannot lie in the future")
    if held_on is None or filled.problems:
        return _page(client_id, filled), 422
    version = filled.version()
    return _attempt(
        client_id,
        filled,
        lambda: request_context().feedback.note_conversation(episode_id, held_on, version=version),
        {"held_on": "held_on"},
        "talked",
    )


def _attempt(
    client_id: UUID, filled: Filled, act: Callable[[], None], where: dict[str, str], done: str
) -> Response | tuple[str, int]:
    return submit(
        filled,
        act,
        page=lambda: _page(client_id, filled),
        done=url_for("person.show", client_id=client_id, done=done),
        fields=where,
        gone=not_kept,
    )


def _page(client_id: UUID, filled: Filled) -> str:
    current = request_context()
    client = _client(current, client_id)
    known = client if isinstance(client, Client) else None
    may_book = current.may(access.BOOKING) and (known is None or known.state in BOOKABLE)
    begun = _begin(current, client_id, known, may_book=may_book)
    around = begun.around.result()
    hours = around.get(client_id) if isinstance(around, dict) else None
    practitioner = known.practitioner_id if known else None
    current.shows([client_id], "name", "contact", "appointments")
    head = present_head(known or _nameless(client_id, hours), _names(current, practitioner), current.now, current.zone)
    risk = begun.risk.result()
    name = Names({client_id: head.person.name})
    return render_template(
        "areas/people/person/show.html",
        head=head,
        risk=risk_panel(current, risk, name),
        done=DONE.get(request.args.get("done", ""), ""),
        filled=filled,
        intake_away=away_sentence(client),
        contact=present_contact(known.identity) if known and known.identity else [],
        consents=present_consents(known.consents, state=known.state, zone=current.zone) if known else [],
        may_see_trail=current.may(access.TRAIL),
        may_export=current.may(access.EXPORT_OF_ONE),
        may_consent=current.may(access.CONSENTS),
        hour=present_next_hour(hours, current.today),
        scheduling_away=away_sentence(around),
        may_book=may_book,
        has_begun=current.may(access.COURSE) and (known is None or known.state not in NOT_BEGUN),
        may_end=known is not None and known.state in ENDABLE and current.may(access.ENDING),
        version=known.version if known else 0,
        ending_reasons=list(ENDING_REASONS.items()),
        closing_reasons=list(CLOSING_REASONS.items()),
        missing_reasons=list(MISSING_REASONS.items()),
        today=current.today.isoformat(),
        **_booking(current, practitioner if may_book else None, hours, begun.starts.result()),
        **_allocation(current, known, begun.practitioners.result()),
        **_course(current, client_id, *begun.course.result()),
        **_outcome(current, client_id, begun.outcome.result()),
        **_offers(current, begun.offers.result()),
    )


@dataclass(frozen=True, slots=True)
class _Begun:
    """What the parts of the page were begun with; None where the viewer's roles or the client's state open nothing."""

    around: Begun[dict[UUID, Neighbours] | Unavailable | None]
    risk: Begun[RiskFound]
    starts: Begun[tuple[str, ...] | Unavailable | None]
    practitioners: Begun[tuple[Practitioner, ...] | Unavailable | None]
    course: Begun[tuple[Offer | None, Course | Unavailable | None]]
    outcome: Begun[Outcome | Unavailable | None]
    offers: Begun[tuple[Offer, ...] | Unavailable | None]


def _begin(current: RequestContext, client_id: UUID, client: Client | None, *, may_book: bool) -> _Begun:
    """Everything at once; only the course waits for one's own impression."""
    practitioner = client.practitioner_id if client and may_book else None
    sees, hands_over = current.may(access.COURSE), current.may(access.FORMS)
    looks = looks_anyway()  # read here: another thread knows nothing of the request

    def starts() -> tuple[str, ...] | Unavailable | None:
        return optional(lambda: current.scheduling.suggestions(client_id, practitioner)) if practitioner else None

    def practitioners() -> tuple[Practitioner, ...] | Unavailable | None:
        return optional(current.scheduling.practitioners) if _may_allocate(current, client) else None

    def course() -> tuple[Offer | None, Course | Unavailable | None]:
        mirror = own_impression_first(current, client_id) if sees else None
        if not sees or (mirror and not looks):
            return mirror, None
        return None, optional(lambda: current.feedback.course(client_id))

    def outcome() -> Outcome | Unavailable | None:
        return optional(lambda: current.feedback.outcome(client_id)) if sees else None

    def offers() -> tuple[Offer, ...] | Unavailable | None:
        return optional(lambda: current.feedback.offers(side="client", client_id=client_id)) if hands_over else None

    return _Begun(
        around=current.begin(lambda: optional(lambda: current.scheduling.neighbours([client_id]))),
        risk=current.begin(lambda: find_risk(current, client_id)),
        starts=current.begin(starts),
        practitioners=current.begin(practitioners),
        course=current.begin(course),
        outcome=current.begin(outcome),
        offers=current.begin(offers),
    )


def _client(current: RequestContext, client_id: UUID) -> Client | Unavailable:
    """Intake is asked first: a relationship that ended closes the page at once (a 404 passes through)."""
    try:
        return current.intake.client(client_id)
    except ServiceUnavailable as away:
        return Unavailable(away.service)


def _nameless(client_id: UUID, hours: Neighbours | None) -> Client:
    hour = (hours.next or hours.last) if hours else None
    code = (hour.spoken_code if hour else None) or "Client"
    return Client(client_id, 0, code, "unknown", hour.practitioner_id if hour else None)


def _names(current: RequestContext, practitioner: UUID | None) -> dict[UUID, str]:
    return current.staff_names([practitioner])


def _booking(
    current: RequestContext,
    practitioner: UUID | None,
    hours: Neighbours | None,
    starts: tuple[str, ...] | Unavailable | None,
) -> dict[str, object]:
    usual = as_last_time(hours.next or hours.last if hours else None)
    if practitioner is None:
        return {"slots": [], "usual": usual, "practitioner": ""}
    free = there(starts) or ()
    slots = present_slots(free, current.today)
    return {"slots": slots, "usual": usual, "practitioner": str(practitioner)}


def _may_allocate(current: RequestContext, client: Client | None) -> bool:
    return client is not None and current.may(access.ALLOCATING) and client.state in ALLOCATABLE


def _allocation(
    current: RequestContext, client: Client | None, found: tuple[Practitioner, ...] | Unavailable | None
) -> dict[str, object]:
    if client is None or not _may_allocate(current, client):
        return {"may_allocate": False, "practitioners": []}
    everyone = there(found) or ()
    options = practitioner_options(everyone, current.staff_names(p.id for p in everyone))
    others = [option for option in options if option[0] != str(client.practitioner_id)]
    return {"may_allocate": True, "practitioners": others}


def _course(
    current: RequestContext, client_id: UUID, mirror: Offer | None, course: Course | Unavailable | None
) -> dict[str, object]:
    nothing: dict[str, object] = {
        "sees_course": False,
        "course": None,
        "feedback_away": None,
        "mirror_first": None,
        "may_note": False,
    }
    if not current.may(access.COURSE):
        return nothing
    if mirror:
        return nothing | {"sees_course": True, "mirror_first": mirror}
    if isinstance(course, Unavailable):
        return nothing | {"sees_course": True, "feedback_away": unavailable_sentence(course.service)}
    if course is None:
        return nothing | {"sees_course": True}
    current.shows([client_id], "reading", "course", *(answers_shown(a) for a in answered_sessions(course)))
    return nothing | {
        "sees_course": True,
        "course": present_course(
            course,
            is_own=current.staff.id == course.practitioner_id,
            staff=current.staff_names(owners_of(course)),
            lead=current.staff.id if current.may(access.FOLLOWING_THROUGH) else None,
            now=current.now,
            zone=current.zone,
        ),
        "may_note": current.may(access.CARE_WORK),
        "export_reasons": list(COURSE_REASONS.items()),
        "may_csv": current.staff.id == course.practitioner_id,
    }


def _outcome(current: RequestContext, client_id: UUID, found: Outcome | Unavailable | None) -> dict[str, object]:
    """Shown whether or not one's own impression is given: what comes before a session is there to be talked about."""
    nothing: dict[str, object] = {"outcome": None, "outcome_away": None}
    if not current.may(access.COURSE):
        return nothing
    if isinstance(found, Unavailable):
        return nothing | {"outcome_away": unavailable_sentence(found.service)}
    if found is None:
        return nothing
    current.shows([client_id], "outcome", *(answers_shown(a) for a in outcomes.answered_sessions(found)))
    return nothing | {"outcome": outcomes.present_outcome(found)}


def _offers(current: RequestContext, found: tuple[Offer, ...] | Unavailable | None) -> dict[str, object]:
    if not current.may(access.FORMS):
        return {"hands_over": False, "offers": [], "offers_away": None}
    if isinstance(found, Unavailable):
        return {"hands_over": True, "offers": [], "offers_away": unavailable_sentence(found.service)}
    return {"hands_over": True, "offers": present_offers(found or (), current.zone), "offers_away": None}
