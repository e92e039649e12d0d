"""The registry of measures, and the words a clinic brings."""

from services.feedback.measures import queries as measures
from services.feedback.measures.commands import import_wording
from services.feedback.measures.domain.imports import WordingRefused
from services.feedback.measures.domain.model import MeasureUnknown
from services.feedback.measures.schemas import MeasureSchema, RegisteredSchema, WordingSchema, brought_in
from services.feedback.routes import v1
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {MeasureUnknown: 404, WordingRefused: 422}


@v1.get("/measures")
@operation("List the measures", permits=access.MEASURES, gives=RegisteredSchema, lists=True)
def get_measures(call: Call) -> ApiResponse:
    """Every measure this program knows, with its licence and what is needed before it can be used."""
    return call.items(measures.registry(call.tx, scope=call.scope))


@v1.get("/measures/<string(maxlength=64):measure_id>")
@operation("Read a measure", permits=access.MEASURES, gives=MeasureSchema)
def get_measure(call: Call, measure_id: str) -> ApiResponse:
    """The form as it is worded, with its honest label, what is known of it and what nobody knows."""
    return call.ok(measures.measure(call.tx, measure_id, scope=call.scope))


@v1.put("/measures/<string(maxlength=64):measure_id>/wordings/<string(maxlength=64):language>")
@operation("Import the words of a measure", permits=access.WORDINGS, takes=WordingSchema, gives=MeasureSchema)
def put_wording(call: Call, measure_id: str, language: str) -> ApiResponse:
    """Words the clinic is licensed to use; earlier ones are kept, forms show these from now on."""
    brought = brought_in(language, call.body)
    import_wording(call.tx, measure_id, brought, **call.context)
    return call.ok(measures.measure(call.tx, measure_id, scope=call.scope))
