"""
Replay: the SQL that a request really executes, as a script for pgbench.

A cursor class writes down every statement with its parameters while one request is served. Parameters are
rendered as literals, except those that must differ from one transaction to the next: they are recognised
by value in the capture and replaced by expressions of pgbench's variables.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

import psycopg

Expressions = Mapping[Any, str]
_TYPES = {UUID: "uuid", int: "bigint", str: "text", datetime: "timestamptz", bytes: "bytea"}


class NotReplayable(Exception):
    """A captured statement cannot be written for pgbench."""


class WritingDown(psycopg.Cursor[Any]):
    """A cursor that remembers what was executed: (statement, its parameter sets)."""

    seen: ClassVar[list[tuple[str, list[Any]]]] = []

    def execute(self, query: Any, params: Any = None, **more: Any) -> "WritingDown":
        """As psycopg's."""
        self.seen.append((query, [params or ()]))
        return super().execute(query, params, **more)

    def executemany(self, query: Any, params_seq: Iterable[Any], **more: Any) -> None:
        """As psycopg's, which sends all of them at once."""
        sets = list(params_seq)
        self.seen.append((query, sets))
        super().executemany(query, sets, **more)


def script(
    seen: Sequence[tuple[str, list[Any]]], known: Expressions, *, before: Sequence[str], fetched: Mapping[str, str]
) -> str:
    """
    A pgbench script of one transaction.

    Args:
        seen: What `WritingDown` saw of it.
        known: Value -> expression, for values that differ from transaction to transaction.
        before: Meta-commands that set the variables.
        fetched: Beginning of a statement -> prefix of the variables that take its result (\\gset).
    """
    fresh: dict[str, str] = {}
    lines = [*before, "BEGIN;"]
    for query, sets in seen:
        statements = [_bound(query, params, known, fresh) for params in sets]
        ending = next((f" \\gset {name}" for start, name in fetched.items() if query.startswith(start)), ";")
        if len(statements) > 1:
            lines += ["\\startpipeline", *(f"{one};" for one in statements), "\\endpipeline"]
        else:
            lines += [f"{one}{ending}" for one in statements]
    return "\n".join([*lines, "COMMIT;"]) + "\n"


def literal(value: Any, known: Expressions, fresh: dict[str, str]) -> str:
    """
    A value as SQL without a colon that pgbench would take for a variable.

    >>> literal("12:30", {}, {}), literal([1, 2], {2: ":n"}, {}), literal(None, {}, {})
    ("E'12\\\\x3a30'", 'ARRAY[1,:n]::bigint[]', 'NULL')
    """
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, list):
        kind = _TYPES[type(value[0])] if value else "text"
        return f"ARRAY[{','.join(literal(one, known, fresh) for one in value)}]::{kind}[]"
    if not isinstance(value, bool) and value in known:
        return known[value]
    if isinstance(value, UUID):
        return f"{_fresh(str(value), known, fresh)}::uuid"
    if isinstance(value, str):
        return _fresh(value, known, fresh) if _is_uuid(value) else _quoted(value)
    return _constant(value)


def _constant(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{_quoted(value.isoformat())}::{'timestamptz' if value.tzinfo else 'timestamp'}"
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    raise NotReplayable(f"a parameter of type {type(value).__name__}")


def _fresh(text: str, known: Expressions, fresh: dict[str, str]) -> str:
    """An id that the request made up: another for each transaction, the same wherever it stood."""
    if text in known:
        return known[text]
    place = fresh.setdefault(text, f"{0x018F0000 + len(fresh):08x}")
    return f"('{place}-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))"


def _bound(query: str, params: Any, known: Expressions, fresh: dict[str, str]) -> str:
    one_line = " ".join(query.split())
    if isinstance(params, Mapping):
        return re.sub(r"%\((\w+)\)s", lambda found: literal(params[found[1]], known, fresh), one_line)
    parts = one_line.split("%s")
    if len(parts) != len(params) + 1:
        raise NotReplayable(f"{len(params)} parameters for {len(parts) - 1} places")
    values = [literal(value, known, fresh) for value in params]
    return "".join(part + value for part, value in zip(parts, [*values, ""], strict=True))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace(":", "\\x3a")
    return f"E'{escaped}'" if "\\" in escaped else f"'{escaped}'"


def _is_uuid(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) is not None
