"""The collection plan: which measures are offered when."""

from uuid import UUID

from services.feedback.collection import queries
from services.feedback.collection.commands import plan as planning
from services.feedback.collection.domain import plan
from services.feedback.collection.schemas.plan import ClientPlanSchema, PlanSchema
from services.feedback.routes import v1
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {plan.PlanChanged: 412, plan.PlanRefused: 422}


@v1.get("/plan")
@operation("Read the collection plan", permits=access.PLAN, gives=PlanSchema)
def get_plan(call: Call) -> ApiResponse:
    """What the clinic collects; version 0 is what a clinic begins with: the two session forms."""
    return call.versioned(queries.plan(call.tx, scope=call.scope))


@v1.put("/plan")
@operation(
    "Change the collection plan",
    permits=access.PLANNING,
    takes=PlanSchema,
    gives=PlanSchema,
    needs_version=True,
)
def put_plan(call: Call) -> ApiResponse:
    """A measure without wording may be planned for entry from paper alone."""
    return call.versioned(planning.set_plan(call.tx, call.body, **call.edit))


@v1.get("/clients/<uuid:client_id>/plan")
@operation("Read a client's plan", permits=access.CARE_WORK, gives=ClientPlanSchema)
def get_client_plan(call: Call, client_id: UUID) -> ApiResponse:
    """What it does differently from the clinic's."""
    return call.versioned(queries.client_plan(call.tx, client_id, **call.context))


@v1.put("/clients/<uuid:client_id>/plan")
@operation(
    "Change a client's plan",
    permits=access.CARE_WORK,
    takes=ClientPlanSchema,
    gives=ClientPlanSchema,
    needs_version=True,
)
def put_client_plan(call: Call, client_id: UUID) -> ApiResponse:
    """Measures added and left out, and from which day on a session counts as the last."""
    return call.versioned(planning.set_client_plan(call.tx, client_id, call.body, **call.edit))
