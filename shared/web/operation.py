"""
Operations: what a route may be asked, by whom, and everything that happens around its view.

A view gets a `Call` with one open transaction and loaded input and returns an `ApiResponse`.
Token, roles, body, query string, version, idempotency, transaction and dump are the same
for all of them and happen here, in that order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, TypeVar

from flask import Response, request
from marshmallow import Schema

from shared.access import Rule
from shared.database import Tx
from shared.deadline import TIME_LEFT
from shared.fields import days_counted_in
from shared.scope import Scope
from shared.web.authority import scope_of_request
from shared.web.context import current_api, current_trace
from shared.web.idempotency import HEADER as IDEMPOTENCY_KEY
from shared.web.idempotency import attempt_of, once, read_key
from shared.web.paging import Cursors, Page
from shared.web.problems import Refused
from shared.web.requests import ReadRequest, as_schema, expected_version, read_request, time_left
from shared.web.responses import JSON, ApiResponse, Document

View = Callable[..., ApiResponse]
T = TypeVar("T")


class Context(TypedDict):
    """On whose behalf and when: what every command and query takes."""

    scope: Scope
    now: datetime


class Edit(Context):
    """The same for what changes something that was read before."""

    expected_version: int


class NoRoom(Refused):
    """503: the disk is almost full. What only reads goes on."""

    def __init__(self) -> None:
        detail = "The server's disk is almost full, so nothing was saved. Whoever looks after it has to make room."
        super().__init__(503, "No room on the disk", detail, headers={"Retry-After": "60"})


@dataclass(frozen=True, slots=True)
class Call:
    """
    One request as its view sees it.

    `body` is what `takes` loaded, `query` what the query schema loaded, `page` the part
    of a list that is wanted, `expected_version` the version of If-Match, `headers` the
    further headers the operation declares (absent ones are missing).
    """

    tx: Tx
    scope: Scope
    now: datetime
    body: Any
    query: dict[str, Any]
    page: Page
    expected_version: int | None
    headers: Mapping[str, str]
    operation: "Operation"
    question: str
    cursors: Cursors

    @property
    def context(self) -> Context:
        """Keyword arguments of a command or query: `**call.context`."""
        return {"scope": self.scope, "now": self.now}

    @property
    def edit(self) -> Edit:
        """Keyword arguments of a command that edits; for operations with `needs_version`."""
        assert self.expected_version is not None
        return {**self.context, "expected_version": self.expected_version}

    def ok(self, value: Any, *, version: int | None = None) -> ApiResponse:
        """200 with `value` dumped, as what the operation answers; `version` becomes the ETag."""
        return ApiResponse(200, self._dump(value), version=version, media_type=self.operation.answers)

    def versioned(self, value: Any) -> ApiResponse:
        """200 with `value` dumped, and its `version` as the ETag."""
        return self.ok(value, version=value.version)

    def file(self, name: str, pieces: Sequence[bytes]) -> ApiResponse:
        """200 with a file of the operation's media type, to be saved under this name."""
        return ApiResponse(200, document=Document(self.operation.answers, name, pieces))

    def created(self, value: Any, *, at: str, version: int | None = None) -> ApiResponse:
        """201 with `value` dumped; `at` is its path."""
        return ApiResponse(201, self._dump(value), location=at, version=version)

    def page_of(self, rows: Sequence[T], place: Callable[[T], tuple[str, ...]]) -> ApiResponse:
        """200 with those of `page.one_more` rows that are on this page; `place` gives the sort values of a row."""
        shown, more = self.page.cut(rows, place)
        return self.items(shown, next_after=more)

    def items(self, values: Sequence[Any], *, next_after: tuple[str, ...] | None = None) -> ApiResponse:
        """200 with one page; `next_after` holds the sort values of its last row, None at the end."""
        cursor = None if next_after is None else self.cursors.write(self.question, self.page, next_after)
        return ApiResponse(200, {"items": [self._dump(value) for value in values], "next": cursor})

    def refused(self, refusal: Exception) -> ApiResponse:
        """Refuses as `raise` would, but keeps what was done: a failed attempt that has to be counted."""
        return ApiResponse(0, refusal=refusal)

    def nothing(self) -> ApiResponse:
        """204: done, nothing to show."""
        return ApiResponse(204)

    def _dump(self, value: Any) -> Any:
        gives = self.operation.gives
        if gives is None:
            return value
        with days_counted_in(self.tx.zone):
            return gives.dump(value)


@dataclass(frozen=True, slots=True)
class Operation:
    """A view with everything that is declared about it; Flask calls it like any view."""

    view: View
    title: str
    rule: Rule
    takes: Schema | None = None
    gives: Schema | None = None
    query: Schema | None = None
    creates: bool = False
    sorts: tuple[str, ...] = ()
    paged: bool = False
    needs_version: bool = False
    headers: tuple[str, ...] = ()
    lists: bool = False
    answers: str = JSON

    @property
    def permits(self) -> frozenset[str]:
        """The roles that may ask; whether they get it, the rule and the store's scope say."""
        return self.rule.roles

    @property
    def __name__(self) -> str:
        return self.view.__name__

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        """The view's docstring: the description of the operation."""
        return self.view.__doc__

    def changes(self, method: str) -> bool:
        """Tell whether it is a command: some POSTs only ask, with names that have no place in an address."""
        return self.creates or self.needs_version or method not in {"GET", "HEAD", "POST"}

    def __call__(self, **path: Any) -> Response:
        return _perform(self, path).response()


def operation(
    title: str,
    *,
    permits: Rule,
    takes: type[Schema] | Schema | None = None,
    gives: type[Schema] | Schema | None = None,
    query: type[Schema] | Schema | None = None,
    creates: bool = False,
    sorts: Sequence[str] = (),
    paged: bool = False,
    needs_version: bool = False,
    headers: Sequence[str] = (),
    lists: bool = False,
    answers: str = JSON,
) -> Callable[[View], Operation]:
    """
    Declare a view as an operation; goes below the route.

    Args:
        title: What is done, as a person would say it; the summary in the OpenAPI document.
        permits: The rule of access that it is under. A route without one stops the app from starting.
        takes: Schema of the body; closed: an unknown field is an error.
        gives: Schema of the answer, for lists of one item.
        query: Schema of the query string; closed too.
        creates: An `Idempotency-Key` is required, and a repeated one gets the first answer.
        sorts: Names to sort by; the first is the default, "-name" descends.
        paged: Takes `limit`, `cursor` (and `sort`).
        needs_version: If-Match is required.
        headers: Further request headers the view reads.
        lists: Answers `items` although it is not paged.
        answers: The media type of a good answer; refusals are problems all the same. What is
            not plain JSON cannot be `creates`: a repeated command gets its kept answer as JSON.
    """
    if creates and answers != JSON:
        raise ValueError(f"{title}: what creates answers JSON, which is what a repeated command gets")

    def declare(view: View) -> Operation:
        return Operation(
            view=view,
            title=title,
            rule=permits,
            takes=as_schema(takes),
            gives=as_schema(gives),
            query=as_schema(query),
            creates=creates,
            sorts=tuple(sorts),
            paged=paged or bool(sorts),
            needs_version=needs_version,
            headers=tuple(headers),
            lists=lists or paged or bool(sorts),
            answers=answers,
        )

    return declare


def _perform(wanted: Operation, path: dict[str, Any]) -> ApiResponse:
    api = current_api()
    now, trace = api.parts.clock(), current_trace()
    scope = scope_of_request(wanted.rule, now=now)
    if wanted.changes(request.method) and not api.parts.has_room():
        raise NoRoom
    question = f"{request.method} {request.url_rule}"
    key = read_key(request.headers.get(IDEMPOTENCY_KEY)) if wanted.creates else None
    version = expected_version(request.headers.get("If-Match"), needed=wanted.needs_version)
    asked = read_request(wanted, question, path)
    within = time_left(request.headers.get(TIME_LEFT))
    headers = {name: request.headers[name] for name in wanted.headers if name in request.headers}

    def work(tx: Tx) -> ApiResponse:
        call = Call(
            tx=tx,
            scope=api.service.relations(tx, scope, wanted.rule, now),
            now=now,
            body=asked.body,
            query=asked.query,
            page=asked.page,
            expected_version=version,
            headers=headers,
            operation=wanted,
            question=question,
            cursors=api.cursors,
        )
        if key is None:
            return wanted.view(call, **path)
        attempt = attempt_of(scope, question, key, [asked.canonical, version, headers])
        return once(tx, attempt, lambda: wanted.view(call, **path), now=now)

    answer = api.parts.database.run(work, trace=trace, within=within)
    if answer.refusal is not None:
        raise answer.refusal
    return answer


__all__ = ["ApiResponse", "Call", "Operation", "Page", "ReadRequest", "operation"]
