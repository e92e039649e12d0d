"""Measures as they are worded."""

from services.feedback.api.door import STAFF, v1
from services.feedback.domain import refusals
from services.feedback.queries import forms as form_queries
from services.feedback.schemas import told
from shared.web.operation import Answer, Call, operation

ERRORS: dict[type[Exception], int] = {refusals.MeasureUnknown: 404}


@v1.get("/measures/<string(maxlength=64):measure_id>")
@operation("Read a measure", permits=STAFF, gives=told.FormSchema)
def get_measure(call: Call, measure_id: str) -> Answer:
    """The form as it is worded, with its honest label."""
    return call.ok(form_queries.measure(measure_id))
