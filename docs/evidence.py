"""
Evidence: what is asked of a program that keeps such records, and the test that shows each answer.

A list is a TOML file in docs/security/. A row says what is asked and exactly one of: `tests` (which show it), `reason`
(why it does not apply here), or `open` (what is missing). Nothing may claim what no test shows: a test that is not
there fails `python -m docs.generate`, and a complete test run fails when a test named here did not run and pass.
"""

import ast
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LISTS = ROOT / "docs" / "security"


class EvidenceWrong(Exception):
    """A list that says nothing, or two things, of a row, or names a test that does not exist."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is asked, and how it is answered."""

    id: str
    asks: str
    tests: tuple[str, ...]
    """pytest ids without parameters: `tests/a/test_b.py::test_c`."""
    reason: str
    open: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One list: a standard, a catalogue or a log."""

    name: str
    title: str
    about: str
    rows: tuple[Row, ...]


def lists() -> list[Evidence]:
    """Every list, checked. Raises EvidenceWrong."""
    return [_list(path) for path in sorted(LISTS.glob("*.toml"))]


def not_shown(every: Iterable[Evidence], passed: Iterable[str]) -> list[str]:
    """The tests that are named as evidence and did not pass, given the pytest ids that did."""
    seen = {test.partition("[")[0] for test in passed}
    return sorted({test for one in every for row in one.rows for test in row.tests} - seen)


def page(evidence: Evidence, generated: str) -> str:
    """One list as a page."""
    shown, reasoned, still = (
        sum(bool(found) for found in column)
        for column in zip(*((row.tests, row.reason, row.open) for row in evidence.rows), strict=True)
    )
    head = [
        f"# {evidence.title}",
        "",
        generated,
        "",
        evidence.about.strip(),
        "",
        f"{len(evidence.rows)} rows: {shown} shown by tests, {reasoned} do not apply, {still} open.",
        "A complete test run fails when a test named here did not run and pass.",
        "",
        "| | asked | shown by |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *(f"| {row.id} | {row.asks} | {_answer(row)} |" for row in evidence.rows), ""])


def _answer(row: Row) -> str:
    if row.open:
        return f"**open**: {row.open}"
    if row.reason:
        return f"does not apply: {row.reason}"
    return "<br>".join(_linked(test) for test in row.tests)


def _linked(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../../{path})"


def _list(path: Path) -> Evidence:
    raw = tomllib.loads(path.read_text())
    rows = tuple(_row(path, one) for one in raw["row"])
    twice = sorted({row.id for row in rows if sum(other.id == row.id for other in rows) > 1})
    if twice:
        raise EvidenceWrong(f"{path.name}: told twice: {', '.join(twice)}")
    return Evidence(path.stem, raw["title"], raw["about"], rows)


def _row(path: Path, raw: Mapping[str, Any]) -> Row:
    row = Row(raw["id"], raw["asks"], tuple(raw.get("tests", ())), raw.get("reason", ""), raw.get("open", ""))
    if sum(map(bool, (row.tests, row.reason, row.open))) != 1:
        raise EvidenceWrong(f"{path.name}, {row.id}: give exactly one of tests, reason and open")
    unknown = [test for test in row.tests if not _exists(test)]
    if unknown:
        raise EvidenceWrong(f"{path.name}, {row.id}: no such test: {', '.join(unknown)}")
    return row


def _exists(test: str) -> bool:
    path, _, name = test.partition("::")
    if not (ROOT / path).is_file():
        return False
    here = _tests_in(ROOT / path)
    of_class, _, method = name.rpartition("::")
    return name in here or (f"{of_class}::" in here and method in _methods_below((ROOT / path).parent))


@cache
def _methods_below(folder: Path) -> frozenset[str]:
    return frozenset(name.rpartition("::")[2] for path in folder.rglob("*.py") for name in _tests_in(path))


@cache
def _tests_in(path: Path) -> frozenset[str]:
    """Functions, methods as `Class::method`, and `Class::` for a class that has others' tests by inheritance."""
    return frozenset(_names(ast.parse(path.read_text()).body, ""))


def _names(body: Sequence[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + node.name
        elif isinstance(node, ast.ClassDef):
            if node.bases:
                yield f"{node.name}::"
            yield from _names(node.body, f"{node.name}::")
