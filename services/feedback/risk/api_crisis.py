"""Whom to turn to in a crisis, as the clinic enters it."""

from services.feedback.collection import queries as form_queries
from services.feedback.domain import refusals
from services.feedback.risk.commands_crisis import enter_crisis_information
from services.feedback.risk.domain import crisis
from services.feedback.routes import STAFF, v1
from services.feedback.schemas import asked, told
from shared.web.operation import Answer, Call, operation
from shared.web.problems import NotFound

ERRORS: dict[type[Exception], int] = {
    refusals.CrisisInformationMissing: 409,
    crisis.CrisisInformationIncomplete: 422,
}


@v1.get("/crisis-information")
@operation("Read the crisis information", permits=STAFF, gives=told.CrisisInformationSchema)
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
