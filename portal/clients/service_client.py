"""The client of one service: a signed token for every call, a time limit, and failures in three kinds."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote, unquote
from uuid import UUID

import msgspec
import structlog

from portal.clients.lines import FILE_SECONDS, Budget, Line, NoReply, Reply, Request
from portal.clients.responses import ResponseUnreadable, read_page
from shared.security.tokens import ASKS, TokenSigner

T = TypeVar("T")
_log = structlog.get_logger("portal")
UNREADABLE = "unreadable"  # it answered, in a shape from another version
_PAGE = 200
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,63}", re.ASCII)


class ServiceUnavailable(Exception):
    """A service did not answer, answered too late, or answered that it cannot."""

    def __init__(self, service: str) -> None:
        super().__init__(f"the {service} service does not answer")
        self.service = service


class ServiceRefused(Exception):
    """
    A service understood and said no.

    `detail` is the service's own sentence (it holds no names); `fields` are its
    complaints about single fields, as (field, message).
    """

    def __init__(self, status: int, detail: str, fields: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(f"refused with {status}")
        self.status = status
        self.detail = detail
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Stands in a panel for an answer that did not come."""

    service: str


def segment(code: str) -> str:
    """
    A code as one part of a path, where it came from an address or a form.

    Raises:
        ServiceRefused: 404; no code of ours looks like this, so nobody has to be asked.
    """
    if not _CODE.fullmatch(code):
        raise ServiceRefused(404, "There is no such thing.")
    return quote(code, safe="")


def or_unavailable(ask: Callable[[], T]) -> T | Unavailable:
    """Ask; when the service is away, say so instead, so that only this panel is missing."""
    try:
        return ask()
    except ServiceUnavailable as away:
        return Unavailable(away.service)
    except ResponseUnreadable as unreadable:
        _log.error("answer unreadable", error=str(unreadable))  # names of fields, never values
        return Unavailable(UNREADABLE)


def optional(ask: Callable[[], T]) -> T | Unavailable | None:
    """As `or_unavailable`; None where the service knows nothing of it, not for this person, or not yet."""
    try:
        return or_unavailable(ask)
    except ServiceRefused as refused:
        if refused.status in {403, 404, 409}:  # 409: an event is on its way
            return None
        raise


def there(found: T | Unavailable | None) -> T | None:
    """What was found, None where there is nothing or it did not come."""
    return None if isinstance(found, Unavailable) else found


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf the portal asks."""

    staff_id: UUID
    roles: tuple[str, ...]
    purpose: str
    traceparent: str
    now: datetime
    opened: UUID | None = None  # the client that an emergency opened to them


@dataclass(frozen=True, slots=True)
class ServiceClient:
    """One service, asked on one person's behalf."""

    line: Line
    signer: TokenSigner
    caller: Caller
    budget: Budget

    def get(self, path: str, params: Mapping[str, object] | None = None) -> bytes:
        """Read; parameters are written as text, those that are None left out. Gives JSON for `responses.read`."""
        return self._read(Request("GET", path, _wanted(params or {})))

    def get_all(self, kind: type[T], path: str, params: Mapping[str, object]) -> tuple[T, ...]:
        """
        Read a list to its end, page by page, each item as `kind`.

        Raises:
            ServiceUnavailable: its end was not reached in time; half a list is never given for a whole one.
        """
        page = read_page(kind, self.get(path, {**params, "limit": _PAGE}))
        items = page.items
        while page.next is not None:
            page = read_page(kind, self.get(path, {**params, "limit": _PAGE, "cursor": page.next}))
            items += page.items
        return items

    def look_up(self, path: str, question: Mapping[str, Any]) -> bytes:
        """Read by a question that is too long, or too private, for an address."""
        return self._read(Request("POST", path, body=msgspec.json.encode(question)))

    def fetch(self, path: str, params: Mapping[str, object]) -> bytes:
        """Read a file as it is; parameters that are None are left out. It may take longer than a page."""
        return self._ask(Request("GET", path, _wanted(params)), FILE_SECONDS)

    def post(self, path: str, body: Mapping[str, Any], *, key: str | None = None, version: int | None = None) -> bytes:
        """
        Write, once: writes are never retried, and get their time however late the page is.

        Args:
            path: Under the service's base URL.
            body: The JSON object; ids, days and dataclasses as they are.
            key: Idempotency-Key of a creating request.
            version: The version the person saw (If-Match).
        """
        return self._write("POST", path, body, _headers(key, version))

    def put(self, path: str, body: Mapping[str, Any], *, version: int | None = None) -> None:
        """Put a resource in its place; repeating does no harm. `version` is the one the person saw (If-Match)."""
        self._write("PUT", path, body, _headers(None, version))

    def _read(self, request: Request) -> bytes:
        return self._ask(request, min(self.line.patience.call, self.budget.left()))

    def _write(self, method: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> bytes:
        return self._ask(
            Request(method, path, headers=headers, body=msgspec.json.encode(body)), self.line.patience.call
        )

    def _ask(self, request: Request, seconds: float) -> bytes:
        caller = self.caller
        token = self.signer.token(
            audience=self.line.service,
            actor=caller.staff_id,
            roles=caller.roles,
            purpose=caller.purpose,
            now=caller.now,
            only=ASKS if request.method == "GET" else f"{request.method} {unquote(request.path)}",
            opened=caller.opened,
        )
        signed = {"Authorization": f"Bearer {token}", "traceparent": caller.traceparent, **request.headers}
        try:
            reply = self.line.ask(replace(request, headers=signed), seconds)
        except NoReply as error:
            raise ServiceUnavailable(self.line.service) from error
        if reply.status >= 500:
            raise ServiceUnavailable(self.line.service)
        if reply.status >= 400:
            raise _refusal(reply)
        return reply.content


def _wanted(params: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in params.items() if value is not None}


def _headers(key: str | None, version: int | None) -> dict[str, str]:
    headers = {}
    if key is not None:
        headers["Idempotency-Key"] = quote(key, safe="")  # it came through a browser: a header takes ASCII alone
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    return headers


def _refusal(reply: Reply) -> ServiceRefused:
    try:
        problem = msgspec.json.decode(reply.content)
    except msgspec.DecodeError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    errors = problem.get("errors")
    fields = tuple(
        (str(error.get("field", "")), str(error.get("message", "")))
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, dict)
    )
    return ServiceRefused(reply.status, str(problem.get("detail") or problem.get("title") or ""), fields)
