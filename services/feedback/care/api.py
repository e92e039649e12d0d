"""Who saw a client here, over HTTP."""

from services.feedback.care.store.clients import is_known
from services.feedback.routes import v1
from shared.contracts import access
from shared.web.trail import add_trail

ERRORS: dict[type[Exception], int] = {}

add_trail(v1, of_one=access.TRAIL, of_staff=access.TRAIL_OF_STAFF, is_open=is_known)
