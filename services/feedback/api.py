"""How others ask about check-ins and courses: feedback's API under /v1. Who may is the table of roles at each route."""

from uuid import UUID

from flask import Blueprint

from services.feedback.commands import caring, forms, offering, recording
from services.feedback.commands.crisis import enter_crisis_information
from services.feedback.domain import answers, crisis, offers, refusals
from services.feedback.queries import caseload, course
from services.feedback.queries import forms as form_queries
from services.feedback.schemas import asked, told
from shared.web.operation import Answer, Call, operation
from shared.web.problems import NotFound

v1 = Blueprint("v1", __name__, url_prefix="/v1")

STATUS: dict[type[Exception], int] = {
    refusals.ClientUnknown: 404,
    refusals.OfferUnknown: 404,
    refusals.EpisodeUnknown: 404,
    refusals.MeasureUnknown: 404,
    refusals.FormUnknown: 404,
    refusals.NotYourImpression: 403,
    refusals.AlreadyReceived: 409,
    refusals.NothingToRelease: 409,
    refusals.EpisodeClosed: 409,
    refusals.EpisodeNotReady: 409,
    refusals.EpisodeOpen: 409,
    refusals.CrisisInformationMissing: 409,
    offers.OfferMoveNotAllowed: 409,
    refusals.LinkUsed: 410,
    refusals.FormOver: 410,
    refusals.EpisodeChanged: 412,
    refusals.DateNotPossible: 422,
    answers.AnswersRefused: 422,
    crisis.CrisisInformationIncomplete: 422,
    refusals.FormsClosed: 503,
}

# The store's scope narrows these further: therapists see their own clients, leads see all.
_CLINICAL = ("therapist", "clinical_lead")
_DESK = (*_CLINICAL, "front_desk")
_STAFF = (*_DESK, "supervisor", "manager", "operator")
_HANDLE = "X-Form-Handle"


@v1.get("/caseload")
@operation("List a caseload", permits=_CLINICAL, query=asked.CaseloadQuery, gives=told.CaseSchema, lists=True)
def get_caseload(call: Call) -> Answer:
    """Who needs a conversation comes first, and why; a therapist's own clients, for clinical leads everybody."""
    return call.items(caseload.caseload(call.tx, call.query["practitioner_id"], scope=call.scope, now=call.now))


@v1.get("/clients/<uuid:client_id>/course")
@operation("Read a course", permits=_CLINICAL, gives=told.CourseSchema)
def get_course(call: Call, client_id: UUID) -> Answer:
    """Session by session, each against this client's own usual range; 404 for a colleague's client."""
    return call.ok(course.course_of(call.tx, client_id, scope=call.scope, now=call.now))


@v1.post("/clients/<uuid:client_id>/restart")
@operation("Begin the usual range anew", permits=_CLINICAL, takes=asked.RestartSchema, creates=True)
def post_restart(call: Call, client_id: UUID) -> Answer:
    """From the next session on; the history stays. Not while an episode is open."""
    caring.restart_usual_range(call.tx, client_id, call.body["reason"], scope=call.scope, now=call.now)
    return call.nothing()


@v1.post("/episodes/<uuid:episode_id>/conversation")
@operation(
    "Note that it was talked about",
    permits=_CLINICAL,
    takes=asked.ConversationSchema,
    gives=told.EpisodeSchema,
    needs_version=True,
)
def post_conversation(call: Call, episode_id: UUID) -> Answer:
    """The day the two of them talked; it may be noted again with another day."""
    assert call.expected_version is not None
    episode = caring.hold_conversation(
        call.tx,
        episode_id,
        call.body["held_on"],
        expected_version=call.expected_version,
        scope=call.scope,
        now=call.now,
    )
    return call.ok(episode, version=episode.version)


@v1.post("/episodes/<uuid:episode_id>/closing")
@operation(
    "Close an unrepaired episode",
    permits=_CLINICAL,
    takes=asked.ClosingSchema,
    gives=told.EpisodeSchema,
    needs_version=True,
)
def post_closing(call: Call, episode_id: UUID) -> Answer:
    """With a reason; from here on a new usual range is learnt."""
    assert call.expected_version is not None
    episode = caring.close_episode(
        call.tx,
        episode_id,
        call.body["reason"],
        expected_version=call.expected_version,
        scope=call.scope,
        now=call.now,
    )
    return call.ok(episode, version=episode.version)


@v1.get("/offers")
@operation("List offers", permits=_DESK, query=asked.OffersQuery, gives=told.OfferSchema, paged=True)
def get_offers(call: Call) -> Answer:
    """That a form is out, for whom and until when, oldest first; never what was answered."""
    rows = form_queries.list_offers(
        call.tx, call.query, after=call.page.after, limit=call.page.limit + 1, scope=call.scope, now=call.now
    )
    page = rows[: call.page.limit]
    more = (page[-1]["offered_at"].isoformat(), str(page[-1]["id"])) if len(rows) > len(page) else None
    return call.items(page, next_after=more)


@v1.post("/offers/<uuid:offer_id>/link")
@operation("Make a one-time link", permits=_DESK, takes=asked.NothingSchema, gives=told.LinkSchema, creates=True)
def post_link(call: Call, offer_id: UUID) -> Answer:
    """For the client's form; earlier links of this offer end, what was filled in stays."""
    link = forms.make_link(call.tx, offer_id, scope=call.scope, now=call.now)
    return call.created(link, at=f"/v1/offers/{offer_id}")


@v1.post("/offers/<uuid:offer_id>/answers")
@operation(
    "Fill in a form as staff",
    permits=_CLINICAL,
    takes=asked.EnteredAnswersSchema,
    gives=told.ReceivedSchema,
    creates=True,
)
def post_answers(call: Call, offer_id: UUID) -> Answer:
    """The therapist's own impression, or what a client wrote on paper; errors name the item."""
    received = recording.enter_answers(
        call.tx,
        offer_id,
        call.body["answers"],
        opened_client_answers=call.body["opened_client_answers"],
        scope=call.scope,
        now=call.now,
    )
    return call.created(received, at=f"/v1/offers/{offer_id}")


@v1.post("/offers/<uuid:offer_id>/missing")
@operation(
    "Say why no answer will come",
    permits=_DESK,
    takes=asked.MissingReasonSchema,
    gives=told.OfferStateSchema,
    creates=True,
)
def post_missing(call: Call, offer_id: UUID) -> Answer:
    """Declined, technical, unable: nothing is filled in for it."""
    reason = call.body["reason"]
    offer = offering.say_why_missing(call.tx, offer_id, reason, scope=call.scope, now=call.now)
    return call.created(offer, at=f"/v1/offers/{offer_id}")


@v1.post("/offers/<uuid:offer_id>/release")
@operation(
    "Release answers that were kept back",
    permits=("therapist", "clinical_lead"),
    takes=asked.NothingSchema,
    gives=told.OfferStateSchema,
    creates=True,
)
def post_release(call: Call, offer_id: UUID) -> Answer:
    """The client said that they may be seen after all."""
    offer = recording.release(call.tx, offer_id, scope=call.scope, now=call.now)
    return call.created(offer, at=f"/v1/offers/{offer_id}")


@v1.get("/measures/<string(maxlength=64):measure_id>")
@operation("Read a measure", permits=_STAFF, gives=told.FormSchema)
def get_measure(call: Call, measure_id: str) -> Answer:
    """The form as it is worded, with its honest label."""
    return call.ok(form_queries.measure(measure_id))


@v1.get("/crisis-information")
@operation("Read the crisis information", permits=_STAFF, gives=told.CrisisInformationSchema)
def get_crisis_information(call: Call) -> Answer:
    """404 until the clinic has entered it; until then no form opens."""
    found = form_queries.crisis_information(call.tx, scope=call.scope)
    if found is None:
        raise NotFound("Nobody has entered the crisis information yet.")
    return call.ok(found)


@v1.put("/crisis-information")
@operation(
    "Enter the crisis information",
    permits=("manager", "clinical_lead", "operator"),
    takes=asked.CrisisEntrySchema,
    gives=told.CrisisInformationSchema,
)
def put_crisis_information(call: Call) -> Answer:
    """Every form shows it from now on; every placeholder is needed."""
    entered = dict(call.body)
    checked_on, review_on = entered.pop("checked_on"), entered.pop("review_on")
    information = enter_crisis_information(
        call.tx, entered, checked_on=checked_on, review_on=review_on, scope=call.scope, now=call.now
    )
    return call.ok(information)


@v1.post("/forms/exchange")
@operation("Exchange a link for its form", permits=("checkin",), takes=asked.TokenSchema, gives=told.ExchangeSchema)
def post_exchange(call: Call) -> Answer:
    """Possible once; looking at the link uses nothing up."""
    return call.ok(forms.exchange(call.tx, call.body["token"], scope=call.scope, now=call.now))


@v1.get("/forms/current")
@operation("Read the form", permits=("checkin",), gives=told.CurrentFormSchema, headers=(_HANDLE,))
def get_form(call: Call) -> Answer:
    """The questions, what was filled in so far, and whom to turn to in a crisis; no name and no history."""
    return call.ok(form_queries.form(call.tx, _handle(call), scope=call.scope, now=call.now))


@v1.put("/forms/current")
@operation(
    "Fill in the form",
    permits=("checkin",),
    takes=asked.FilledInSchema,
    gives=told.CurrentFormSchema,
    headers=(_HANDLE,),
)
def put_form(call: Call) -> Answer:
    """Kept as a draft until it is sent; what comes after the sending is left aside."""
    handle = _handle(call)
    forms.fill_in(call.tx, handle, call.body["answers"], submit=call.body["submit"], scope=call.scope, now=call.now)
    return call.ok(form_queries.form(call.tx, handle, scope=call.scope, now=call.now))


def _handle(call: Call) -> str:
    handle = call.headers.get(_HANDLE, "")
    if not handle or len(handle) > 128:
        raise refusals.FormUnknown("This form cannot be opened any more.")
    return handle
