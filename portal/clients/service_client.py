"""The client of one service: a signed token for every call, a time limit, and failures in three kinds."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import quote
from uuid import UUID

import httpx
import structlog

from portal.clients.responses import ResponseUnreadable, read_page

T = TypeVar("T")
_log = structlog.get_logger("portal")
UNREADABLE = "unreadable"  # it answered, in a shape from another version
PATIENCE_SECONDS = 2.0
PATIENCE_WITH_FILES_SECONDS = 30.0  # a file is made whole before it is sent
_PAGE = 200
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,63}", re.ASCII)


class TokenSigner(Protocol):
    """Mints the short-lived token that a service checks (shared.security.tokens.Signer)."""

    def token(self, *, audience: str, actor: UUID | None, roles: Sequence[str], purpose: str, now: datetime) -> str: ...


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


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """How a service is reached: its base URL, or its WSGI application in the same process by a transport."""

    base_url: str
    transport: httpx.BaseTransport | None = None

    def client(self) -> httpx.Client:
        """An HTTP client for this service; made once a process."""
        return httpx.Client(base_url=self.base_url, transport=self.transport, timeout=PATIENCE_SECONDS)


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf the portal asks."""

    staff_id: UUID
    roles: tuple[str, ...]
    purpose: str
    traceparent: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ServiceClient:
    """One service, asked on one person's behalf."""

    service: str
    client: httpx.Client
    signer: TokenSigner
    caller: Caller

    def get(self, path: str, params: Mapping[str, str | int | None] | None = None) -> bytes:
        """Read; parameters that are None are left out. Gives JSON for `responses.read`."""
        wanted = {name: str(value) for name, value in (params or {}).items() if value is not None}
        return self._ask("GET", path, params=wanted).content

    def fetch(self, path: str, params: Mapping[str, str | None]) -> bytes:
        """Read a file as it is; parameters that are None are left out."""
        wanted = {name: value for name, value in params.items() if value is not None}
        return self._ask("GET", path, params=wanted, timeout=PATIENCE_WITH_FILES_SECONDS).content

    def get_all(self, kind: type[T], path: str, params: Mapping[str, str | int | None]) -> tuple[T, ...]:
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

    def post(self, path: str, body: Mapping[str, Any], *, key: str | None = None, version: int | None = None) -> bytes:
        """
        Write, once: writes are never retried.

        Args:
            path: Under the service's base URL.
            body: The JSON object.
            key: Idempotency-Key of a creating request.
            version: The version the person saw (If-Match).
        """
        return self._ask("POST", path, json=dict(body), headers=_headers(key, version)).content

    def put(self, path: str, body: Mapping[str, Any], *, version: int | None = None) -> None:
        """Put a resource in its place; repeating does no harm. `version` is the one the person saw (If-Match)."""
        self._ask("PUT", path, json=dict(body), headers=_headers(None, version))

    def _ask(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **what: Any) -> httpx.Response:
        caller = self.caller
        token = self.signer.token(
            audience=self.service,
            actor=caller.staff_id,
            roles=caller.roles,
            purpose=caller.purpose,
            now=caller.now,
        )
        signed = {"Authorization": f"Bearer {token}", "traceparent": caller.traceparent, **(headers or {})}
        try:
            response = self.client.request(method, path, headers=signed, **what)
        except httpx.HTTPError as error:
            raise ServiceUnavailable(self.service) from error
        if response.status_code >= 500:
            raise ServiceUnavailable(self.service)
        if response.status_code >= 400:
            raise _refusal(response)
        return response


def _headers(key: str | None, version: int | None) -> dict[str, str]:
    headers = {}
    if key is not None:
        headers["Idempotency-Key"] = quote(key, safe="")  # it came through a browser: a header takes ASCII alone
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    return headers


def _refusal(response: httpx.Response) -> ServiceRefused:
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    errors = problem.get("errors")
    fields = tuple(
        (str(error.get("field", "")), str(error.get("message", "")))
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, dict)
    )
    return ServiceRefused(response.status_code, str(problem.get("detail") or problem.get("title") or ""), fields)
