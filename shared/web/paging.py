"""
Paging: a list is read in pages by an opaque cursor, sorted by a field of the operation's own list.

A cursor holds the sort values of the last row seen. It is signed, because its values
reach SQL as parameters: one that was not made here, or for another question, is refused.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from shared.web.problems import Refused

T = TypeVar("T")

LIMIT_DEFAULT, LIMIT_MAX = 50, 200
_MAC_BYTES = 12
_MAX_CURSOR = 1024  # characters


@dataclass(frozen=True, slots=True)
class Page:
    """
    Which part of a list is wanted.

    `limit` 1 to 200 rows; `after` the sort values of the last row seen, None at the
    beginning; `sort` a field of the operation's list, "" where it has none.
    """

    limit: int = LIMIT_DEFAULT
    after: tuple[str, ...] | None = None
    sort: str = ""
    descending: bool = False

    @property
    def one_more(self) -> int:
        """How many rows to ask for, to know whether there is a next page."""
        return self.limit + 1

    def cut(
        self, rows: Sequence[T], place: Callable[[T], tuple[str, ...]]
    ) -> tuple[Sequence[T], tuple[str, ...] | None]:
        """Of `one_more` rows those of this page, and the sort values (`place`) of its last row if others follow."""
        shown = rows[: self.limit]
        return shown, place(shown[-1]) if len(rows) > len(shown) else None


@dataclass(frozen=True, slots=True)
class Cursors:
    """Makes and reads cursors; all processes of a service share the key."""

    key: bytes

    def write(self, question: str, page: Page, after: tuple[str, ...]) -> str:
        """The cursor that continues `page` of `question` (an operation) after a row."""
        payload = json.dumps(after, ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(question, page, payload) + payload).decode().rstrip("=")

    def read(self, question: str, page: Page, cursor: str) -> tuple[str, ...]:
        """
        The values a cursor holds.

        Raises:
            Refused: 400; not one of ours, altered, or made for another question or sorting.
        """
        try:
            raw = base64.b64decode(cursor[:_MAX_CURSOR] + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except ValueError:
            raise _refused("cursor", "is not a cursor of this list") from None
        mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(question, page, payload)):
            raise _refused("cursor", "is not a cursor of this list and sorting")
        return tuple(json.loads(payload))

    def _mac(self, question: str, page: Page, payload: bytes) -> bytes:
        bound = f"{question}|{page.sort}|{page.descending}|".encode()
        return hmac.new(self.key, bound + payload, hashlib.sha256).digest()[:_MAC_BYTES]


def read_page(question: str, given: dict[str, str], sorts: Sequence[str], cursors: Cursors) -> Page:
    """
    Take `limit`, `cursor` and `sort` out of the query string.

    `sort=received_at` ascends, `sort=-received_at` descends; the first of `sorts` is
    the default and may carry its minus.

    Raises:
        Refused: 400, naming the parameter and, for a sort, the allowed ones.
    """
    limit = _limit(given.pop("limit", None))
    sort, descending = _sort(given.pop("sort", None), sorts)
    page = Page(limit, None, sort, descending)
    cursor = given.pop("cursor", None)
    if cursor is None:
        return page
    return Page(limit, cursors.read(question, page, cursor), sort, descending)


def _limit(text: str | None) -> int:
    if text is None:
        return LIMIT_DEFAULT
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= LIMIT_MAX):
        raise _refused("limit", f"must be a whole number from 1 to {LIMIT_MAX}")
    return int(text)


def _sort(text: str | None, sorts: Sequence[str]) -> tuple[str, bool]:
    allowed = [sort.removeprefix("-") for sort in sorts]
    if text is None:
        text = sorts[0] if sorts else ""
    elif text.removeprefix("-") not in allowed:
        raise _refused("sort", "must be one of " + ", ".join(allowed) if allowed else "is not offered here")
    return text.removeprefix("-"), text.startswith("-")


def _refused(field: str, message: str) -> Refused:
    return Refused(400, "The query string is not right", f"{field} {message}", errors=[(field, message)])
