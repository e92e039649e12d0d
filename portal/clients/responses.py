"""
Reads a service's JSON answer into frozen dataclasses.

A field the portal does not know is ignored, so that a service may say more tomorrow. A
field that is missing takes its default; without a default, or of another shape, the answer
cannot be used and `ResponseUnreadable` says which field was wrong (its name, never its value).
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar, cast

import msgspec

T = TypeVar("T")


class ResponseUnreadable(Exception):
    """A service answered in a shape the portal does not understand."""


@dataclass(frozen=True, slots=True)
class Items(Generic[T]):
    """One page of a list, and the cursor of the next; None at the end."""

    items: tuple[T, ...]
    next: str | None = None


def read(kind: type[T], content: bytes) -> T:
    """
    Build a dataclass from a JSON object; nested dataclasses and tuples of them included.

    Raises:
        ResponseUnreadable: no JSON, or a field is missing or has another shape; the message names it.
    """
    return cast(T, _read(kind, kind.__name__, content))


def read_page(kind: type[T], content: bytes) -> Items[T]:
    """A list answer, each of its `items` read as `kind`."""
    return cast("Items[T]", _read(Items[kind], kind.__name__, content))  # type: ignore[valid-type]


def read_all(kind: type[T], content: bytes) -> tuple[T, ...]:
    """
    The `items` of a list that comes whole.

    Raises:
        ResponseUnreadable: also where there is more: some of it would pass for all.
    """
    page = read_page(kind, content)
    if page.next is not None:
        raise ResponseUnreadable(f"{kind.__name__}: there is more than one page of them")
    return page.items


def _read(kind: Any, name: str, content: bytes) -> Any:
    try:
        return _decoder(kind).decode(content)
    except msgspec.DecodeError as error:  # tells types and places; only of an enum the value, and there is none
        raise ResponseUnreadable(f"{name}: {error}") from error


@cache
def _decoder(kind: Any) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(kind)
