"""
Reads a service's JSON answer into frozen dataclasses, tolerantly.

A field the portal does not know is ignored, so that a service may say more tomorrow. A
field that is missing takes its default; without a default, or of another shape, the answer
cannot be used and `ResponseUnreadable` says which field was wrong (its name, never its value).
"""

from collections.abc import Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

T = TypeVar("T")


class ResponseUnreadable(Exception):
    """A service answered in a shape the portal does not understand."""


def read(kind: type[T], data: Any) -> T:
    """
    Build a dataclass from a JSON object; nested dataclasses and tuples of them included.

    Raises:
        ResponseUnreadable: a field is missing or has another shape; the message names it.
    """
    return cast(T, _read(kind, data, kind.__name__))


def read_all(kind: type[T], data: Any) -> tuple[T, ...]:
    """The `items` of a list answer, each read as `kind`."""
    items = data.get("items") if isinstance(data, Mapping) else None
    if not isinstance(items, list):
        raise ResponseUnreadable(f"{kind.__name__}: no list of items")
    return tuple(read(kind, item) for item in items)


@cache
def _shape(kind: Hashable) -> tuple[tuple[str, Any, bool], ...]:
    shown = cast(type[Any], kind)
    hints = get_type_hints(shown)
    return tuple(
        (f.name, hints[f.name], f.default is not MISSING or f.default_factory is not MISSING) for f in fields(shown)
    )


def _read(kind: Any, data: Any, where: str) -> Any:
    if is_dataclass(kind):
        return _read_object(cast(type[Any], kind), data, where)
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _read_optional(kind, data, where)
    if origin is tuple:
        if not isinstance(data, list):
            raise ResponseUnreadable(f"{where} is not a list")
        return tuple(_read(get_args(kind)[0], item, where) for item in data)
    if origin is dict:
        if not isinstance(data, Mapping):
            raise ResponseUnreadable(f"{where} is not an object")
        return dict(data)
    return _read_plain(kind, data, where)


def _read_object(kind: type[Any], data: Any, where: str) -> Any:
    if not isinstance(data, Mapping):
        raise ResponseUnreadable(f"{where} is not an object")
    values = {}
    for name, hint, has_default in _shape(cast(Hashable, kind)):
        if name in data:
            values[name] = _read(hint, data[name], f"{where}.{name}")
        elif not has_default:
            raise ResponseUnreadable(f"{where}.{name} is missing")
    return kind(**values)


def _read_optional(kind: Any, data: Any, where: str) -> Any:
    choices = [choice for choice in get_args(kind) if choice is not NoneType]
    if data is None and len(choices) < len(get_args(kind)):
        return None
    for choice in choices[:-1]:
        try:
            return _read(choice, data, where)
        except ResponseUnreadable:
            continue
    return _read(choices[-1], data, where)


def _read_plain(kind: Any, data: Any, where: str) -> Any:
    try:
        if kind is Any:
            return data
        if kind is UUID:
            return UUID(data)
        if kind is datetime:
            return datetime.fromisoformat(data)
        if kind is date:
            return date.fromisoformat(data)
        if kind is float and isinstance(data, int | float) and not isinstance(data, bool):
            return float(data)
    except (TypeError, ValueError, AttributeError) as error:
        raise ResponseUnreadable(f"{where} is not a {kind.__name__}") from error
    if isinstance(data, kind) and not (kind is int and isinstance(data, bool)):
        return data
    raise ResponseUnreadable(f"{where} is not a {kind.__name__}")
