"""Trace context: one story's thread from the request through the outbox to every consumer (W3C Trace Context)."""

import os
import re
from dataclasses import dataclass

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


@dataclass(frozen=True, slots=True)
class Trace:
    """
    Where a piece of work comes from.

    `cause` is the id of the event that made a consumer act, empty for a request:
    with it a chain of events can be followed back across services.
    """

    traceparent: str
    tracestate: str = ""
    cause: str = ""

    @property
    def trace_id(self) -> str:
        """The 32 hex digits shared by everything that one request set off."""
        return self.traceparent[3:35]


def new_trace() -> Trace:
    """Begin a new thread; sampled, as a clinic's few requests all are."""
    return Trace(f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01")


def continue_trace(traceparent: str | None, tracestate: str | None = None, *, cause: str = "") -> Trace:
    """Take up the caller's thread with a span of our own, or begin one where the header is absent or malformed."""
    found = _TRACEPARENT.fullmatch((traceparent or "").strip())
    if found is None or set(found[1]) == {"0"} or set(found[2]) == {"0"}:
        fresh = new_trace()
        return Trace(fresh.traceparent, cause=cause)
    state = tracestate or ""
    return Trace(f"00-{found[1]}-{os.urandom(8).hex()}-{found[3]}", state if len(state) <= 512 else "", cause)
