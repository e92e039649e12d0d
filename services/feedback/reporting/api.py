"""The clinic as a whole: figures with their definitions, nobody's and no therapist's."""

from services.feedback.reporting import schemas
from services.feedback.reporting.domain.periods import PeriodNotPossible, period
from services.feedback.reporting.queries import clinic_figures
from services.feedback.routes import v1
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation
from shared.web.problems import Refused

ERRORS: dict[type[Exception], int] = {}


@v1.get("/clinic/figures")
@operation(
    "Read the clinic's figures",
    permits=access.FIGURES,
    query=schemas.FiguresQuery,
    gives=schemas.FiguresSchema,
)
def get_figures(call: Call) -> ApiResponse:
    """Of a whole calendar quarter or year. Managers hear how forms come back, clinical leads how therapy goes, too."""
    query = call.query
    try:
        wanted = period(query["from_"], query["to"])
    except PeriodNotPossible as error:
        raise Refused(422, "Not possible", str(error), errors=[("to", str(error))]) from None
    return call.ok(clinic_figures(call.tx, wanted, **call.context))
