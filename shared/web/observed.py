"""
Watching an app: request id, trace, one access line and the RED metrics of each request.

Route templates and codes only: an address holds ids, a query string may hold a name.
"""

import time

import structlog
from flask import Flask, Response, g, request

from shared.metrics import HTTP_DURATION, HTTP_IN_FLIGHT, HTTP_REQUESTS, Metrics
from shared.trace import continue_trace
from shared.web.context import current_trace

_log = structlog.get_logger("access")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNWATCHED = frozenset({"livez", "readyz", "metrics"})  # probes every few seconds would drown the rest


def watch(app: Flask, *, service: str, metrics: Metrics) -> None:
    """Measure and log every request of `app` under the name `service`."""

    def begin() -> None:
        g.began = time.perf_counter()
        g.trace = continue_trace(request.headers.get("traceparent"), request.headers.get("tracestate"))
        structlog.contextvars.bind_contextvars(service=service, trace_id=g.trace.trace_id)
        metrics.add(HTTP_IN_FLIGHT, 1, service=service)

    def answered(response: Response) -> Response:
        response.headers["X-Request-Id"] = current_trace().trace_id
        if request.endpoint not in _UNWATCHED:
            _note(response.status_code)
        return response

    def _note(code: int) -> None:
        took = time.perf_counter() - g.began
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in _METHODS else "other"
        metrics.count(HTTP_REQUESTS, service=service, method=method, route=route, code=str(code))
        metrics.observe(HTTP_DURATION, took, service=service, method=method, route=route)
        _log.info("request", method=method, route=route, code=code, duration_ms=round(took * 1000, 1))

    def end(_error: BaseException | None) -> None:
        metrics.add(HTTP_IN_FLIGHT, -1, service=service)
        structlog.contextvars.unbind_contextvars("service", "trace_id")

    app.before_request(begin)
    app.after_request(answered)
    app.teardown_request(end)
