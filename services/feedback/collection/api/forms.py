"""The client's forms, one after the other: for the check-in app alone."""

from services.feedback.collection import queries as form_queries
from services.feedback.collection.commands import forms
from services.feedback.collection.domain import forms as rules
from services.feedback.collection.domain.forms import FormOver, FormsClosed, FormUnknown, LinkUsed
from services.feedback.collection.schemas.forms import CurrentFormSchema, ExchangeSchema, FilledInSchema, TokenSchema
from services.feedback.routes import v1
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {
    FormUnknown: 404,
    LinkUsed: 410,
    FormOver: 410,
    rules.FormNotNamed: 422,
    FormsClosed: 503,
}

_HANDLE = "X-Form-Handle"


@v1.post("/forms/exchange")
@operation(
    "Exchange a link for its form",
    permits=access.FORM_OF_A_LINK,
    takes=TokenSchema,
    gives=ExchangeSchema,
    headers=(_HANDLE,),
)
def post_exchange(call: Call) -> ApiResponse:
    """Possible once; a browser that has begun shows the handle it has and goes on, any other begins with nothing."""
    held = call.headers.get(_HANDLE, "")
    return call.ok(forms.exchange(call.tx, call.body["token"], held=held, **call.context))


@v1.get("/forms/current")
@operation("Read the form", permits=access.FORM_OF_A_LINK, gives=CurrentFormSchema, headers=(_HANDLE,))
def get_form(call: Call) -> ApiResponse:
    """The next form of the packet, what this browser filled in so far, and whom to turn to in a crisis; no name."""
    return call.ok(form_queries.form(call.tx, _handle(call), **call.context))


@v1.put("/forms/current")
@operation(
    "Fill in the form", permits=access.FORM_OF_A_LINK, takes=FilledInSchema, gives=CurrentFormSchema, headers=(_HANDLE,)
)
def put_form(call: Call) -> ApiResponse:
    """Kept as a draft until it is sent, then the next form is shown; what comes for a sent form is left aside."""
    handle = _handle(call)
    forms.fill_in(
        call.tx,
        handle,
        call.body["answers"],
        measure_id=call.body["measure_id"],
        submit=call.body["submit"],
        merge=call.body["merge"],
        **call.context,
    )
    return call.ok(form_queries.form(call.tx, handle, **call.context))


def _handle(call: Call) -> str:
    handle = call.headers.get(_HANDLE, "")
    if not handle or len(handle) > 128:
        raise FormUnknown("This form cannot be opened any more.")
    return handle
