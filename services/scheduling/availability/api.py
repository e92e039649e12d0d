"""Free time over HTTP."""

from services.scheduling.availability import queries, schemas
from services.scheduling.routes import v1
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {}


@v1.get("/suggestions")
@operation(
    "Suggest free hours",
    permits=access.DIARIES,
    gives=schemas.SuggestionSchema,
    query=schemas.SuggestionsQuerySchema,
    lists=True,
)
def get_suggestions(call: Call) -> ApiResponse:
    """Up to five within four weeks in which both are free, last time's weekday and hour first."""
    return call.items(queries.suggestions(call.tx, **call.query, **call.context))
