"""
Reading what comes in over HTTP: JSON bodies and query strings, with the traps of both closed.

Python's JSON reader takes NaN, doubled names, lone surrogates and numbers beyond any
column; PostgreSQL's text takes no NUL. Each is refused here, naming the field.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from shared.web.problems import Refused

MAX_BODY = 64 * 1024
MAX_DEPTH = 32
_MAX_INT = 2**63 - 1  # what a bigint holds
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


def json_object(request: Request) -> dict[str, Any]:
    """
    The body as a JSON object.

    Raises:
        Refused: 415 for another content type or a compressed body, 400 for what is not
            JSON (RFC 8259), 422 for JSON that is no object or holds texts and numbers
            that cannot be kept.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(415, "Compressed bodies are not taken", errors=[("Content-Encoding", "must be absent")])
    if request.mimetype != "application/json" or request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        message = "must be application/json"
        raise Refused(415, "Content type not taken", f"Content-Type {message}", errors=[("Content-Type", message)])
    raw = request.get_data(cache=False)
    if request.content_length is None and len(raw) >= MAX_BODY:
        raise RequestEntityTooLarge  # a chunked body is cut at the limit without a word
    return read_object(raw)


def read_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in these bytes; raises as `json_object` does."""
    try:
        # Not json.loads(bytes): that would guess UTF-16 and UTF-32.
        text = raw.decode("utf-8")
        found = json.loads(
            text, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_object_without_doubles
        )
    except UnicodeDecodeError:
        raise _not_json("is not UTF-8") from None
    except RecursionError:
        raise _not_json(f"is nested deeper than {MAX_DEPTH} levels") from None
    except json.JSONDecodeError as error:
        message = "begins with a byte order mark" if raw.startswith(b"\xef\xbb\xbf") else "is not JSON"
        raise _not_json(f"{message} (line {error.lineno}, column {error.colno})") from None
    except ValueError:
        raise _not_json("holds a number too long to read") from None
    if not isinstance(found, dict):
        raise Refused(422, "Some fields are not right", "The body must be a JSON object.", errors=[_no_object()])
    wrong = list(_unkeepable(found))
    if wrong:
        raise Refused(422, "Some fields are not right", errors=wrong)
    return found


def query_values(args: MultiDict[str, str], *, many: frozenset[str] = frozenset()) -> dict[str, Any]:
    """
    The query string as a dictionary; parameters in `many` may be repeated and become lists.

    Raises:
        Refused: 400 for a parameter given twice, or one with control characters.
    """
    values: dict[str, Any] = {}
    for name, given in args.lists():
        if any(not is_plain(text) for text in (name, *given)):
            raise bad_query([(_shown(name), "holds characters that cannot be kept")])
        if name in many:
            values[name] = given
        elif len(given) > 1:
            raise bad_query([(name, "is given more than once")])
        else:
            values[name] = given[0]
    return values


def bad_query(errors: list[tuple[str, str]]) -> Refused:
    """400: these parameters of the query string are not right."""
    detail = "; ".join(f"{field} {message}" for field, message in errors)
    return Refused(400, "The query string is not right", detail, errors=errors)


def is_plain(text: str) -> bool:
    """Tell whether PostgreSQL can keep a text: no NUL, no half of a surrogate pair."""
    return _UNKEEPABLE.search(text) is None


def _unkeepable(root: dict[str, Any]) -> Iterator[tuple[str, str]]:
    waiting: list[tuple[Any, str, int]] = [(root, "", 1)]
    while waiting:
        value, path, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise _not_json(f"is nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, dict):
            for name, below in value.items():
                if not is_plain(name):
                    yield _join(path, _shown(name)), "a name holds characters that cannot be kept"
                waiting.append((below, _join(path, _shown(name)), depth + 1))
        elif isinstance(value, list):
            waiting += [(below, _join(path, str(place)), depth + 1) for place, below in enumerate(value)]
        elif isinstance(value, str) and not is_plain(value):
            yield path, "holds NUL or half a surrogate pair, which cannot be kept"
        elif isinstance(value, int) and abs(value) > _MAX_INT:
            yield path, "is too large a number"


def _object_without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _not_json("names a field twice", _shown(name), "is given twice")
        found[name] = value
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _not_json("holds a number beyond any range")
    return number


def _no_constant(name: str) -> Any:
    raise _not_json(f"holds {name}, which is not JSON")


def _not_json(what: str, field: str = "body", message: str = "") -> Refused:
    return Refused(400, "The body cannot be read", f"The body {what}.", errors=[(field, message or what)])


def _no_object() -> tuple[str, str]:
    return "body", "must be a JSON object"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(name: str) -> str:
    return name[:64] if is_plain(name) else name[:64].encode("unicode_escape").decode()
