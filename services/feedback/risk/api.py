"""Risk answers: who has to read what by when, and what came of it."""

from uuid import UUID

from services.feedback.risk import commands
from services.feedback.risk import queries as risk_queries
from services.feedback.risk.commands import enter_crisis_information
from services.feedback.risk.domain import crisis
from services.feedback.risk.domain import risk_answers as risk
from services.feedback.risk.schemas import (
    AcknowledgementSchema,
    CrisisEntrySchema,
    CrisisInformationSchema,
    RiskAnswerSchema,
    RiskQuery,
    RiskStateSchema,
)
from services.feedback.routes import v1
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation
from shared.web.problems import NotFound

ERRORS: dict[type[Exception], int] = {
    crisis.CrisisInformationMissing: 409,
    crisis.CrisisInformationIncomplete: 422,
    risk.RiskAnswerUnknown: 404,
    risk.RiskMoveNotAllowed: 409,
    risk.RiskAnswerChanged: 412,
}


@v1.get("/risk-answers")
@operation("List risk answers", permits=access.RISK_READING, query=RiskQuery, gives=RiskAnswerSchema, paged=True)
def get_risk_answers(call: Call) -> ApiResponse:
    """A therapist's own clients, for clinical leads everybody; `state=open` also lists what is overdue."""
    page = call.page
    found = risk_queries.risk_answers(call.tx, **call.query, after=page.after, limit=page.one_more, **call.context)
    return call.page_of(found, lambda one: (one.raised_at.isoformat(), str(one.id)))


@v1.post("/risk-answers/<uuid:risk_id>/acknowledgement")
@operation(
    "Acknowledge a risk answer",
    permits=access.RISK_READING,
    takes=AcknowledgementSchema,
    gives=RiskStateSchema,
    needs_version=True,
)
def post_acknowledgement(call: Call, risk_id: UUID) -> ApiResponse:
    """Somebody has read it; what came of it is said with it."""
    return call.versioned(commands.acknowledge(call.tx, risk_id, call.body["outcome"], **call.edit))


@v1.get("/crisis-information")
@operation("Read the crisis information", permits=access.MEASURES, gives=CrisisInformationSchema)
def get_crisis_information(call: Call) -> ApiResponse:
    """404 until the clinic has entered it; until then no form opens."""
    found = risk_queries.crisis_information(call.tx, scope=call.scope)
    if found is None:
        raise NotFound("Nobody has entered the crisis information yet.")
    return call.ok(found)


@v1.put("/crisis-information")
@operation(
    "Enter the crisis information",
    permits=access.CRISIS_KEEPING,
    takes=CrisisEntrySchema,
    gives=CrisisInformationSchema,
)
def put_crisis_information(call: Call) -> ApiResponse:
    """Every form shows it from now on; every placeholder is needed."""
    entered = dict(call.body)
    checked_on, review_on = entered.pop("checked_on"), entered.pop("review_on")
    return call.ok(
        enter_crisis_information(call.tx, entered, checked_on=checked_on, review_on=review_on, **call.context)
    )
