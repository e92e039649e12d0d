"""How readings are made: the rules in force, what others would change, and switching."""

from uuid import UUID

from services.feedback.alliance.commands.rules import switch_rules
from services.feedback.alliance.domain.rules import RulesChanged, RulesNotOffered, RulesUnknown
from services.feedback.alliance.queries import rules
from services.feedback.alliance.schemas import rules as schemas
from services.feedback.alliance.schemas.rules import RulesSwitchSchema
from services.feedback.routes import v1
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {
    RulesUnknown: 404,
    RulesNotOffered: 409,
    RulesChanged: 412,
}


@v1.get("/rules")
@operation("Read the rules", permits=access.RULES_READING, gives=schemas.RulesSchema)
def get_rules(call: Call) -> ApiResponse:
    """By which rules readings are made, which there are, which were, and what the clinic's own check-ins propose."""
    view = rules.rules_now(call.tx, scope=call.scope)
    return call.ok(view, version=view.current.number)


@v1.get("/rules/<string(maxlength=64):version>/differences")
@operation("List what other rules would change", permits=access.RULES, gives=schemas.DifferenceSchema, paged=True)
def get_differences(call: Call, version: str) -> ApiResponse:
    """
    Clients whose course would read differently; nothing is kept. A page looks at a bounded number
    of courses: it may be short, or empty, while `next` leads on.
    """
    found, goes_on_after = rules.differences(
        call.tx,
        version,
        after=UUID(call.page.after[0]) if call.page.after else None,
        limit=call.page.limit,
        **call.context,
    )
    return call.items(found, next_after=(str(goes_on_after),) if goes_on_after else None)


@v1.put("/rules/in-force")
@operation(
    "Switch to other rules",
    permits=access.RULES,
    takes=RulesSwitchSchema,
    gives=schemas.SwitchSchema,
    needs_version=True,
)
def put_rules(call: Call) -> ApiResponse:
    """From now on readings are made by these; courses follow batch by batch, what read differently is superseded."""
    switch = switch_rules(call.tx, call.body["version"], call.body["reason"], **call.edit)
    return call.ok(switch, version=switch.number)
