"""Who asks: the bearer token of a request becomes a scope, or the request ends here (RFC 6750)."""

from dataclasses import replace
from datetime import datetime

import structlog
from flask import request

from shared.access import Rule
from shared.scope import Scope
from shared.security.tokens import TokenRefused
from shared.web.context import current_api, current_trace
from shared.web.problems import Refused

_log = structlog.get_logger("web")


def scope_of_request(rule: Rule, *, now: datetime) -> Scope:
    """
    The scope of the current request.

    Raises:
        Refused: 401 without a good token, 403 if the rule is for none of its roles.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unknown("Bearer")
    try:
        scope = current_api().parts.verifier.verify(token.strip(), now, asked=f"{request.method} {request.path}")
    except TokenRefused as refusal:
        _log.warning("token refused", reason=str(refusal))
        raise _unknown('Bearer error="invalid_token"') from None
    if not rule.is_for(scope.roles):
        _log.warning("role not permitted", roles=sorted(scope.roles), source=scope.source)
        raise Refused(403, "Not permitted", "None of your roles may do this.")
    return replace(scope, trace_id=current_trace().trace_id)


def _unknown(challenge: str) -> Refused:
    return Refused(401, "Not signed in", "A valid bearer token is needed.", headers={"WWW-Authenticate": challenge})
