"""Exports as a reader of files sees them."""

import csv
import io
import zipfile
from typing import Any

from tests.feedback.practice import Caller

FILES = ("check-ins", "items", "readings", "episodes")
Rows = list[dict[str, str]]


def rows_of(text: str) -> Rows:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def fetch(caller: Caller, file: str, **query: Any) -> Rows:
    """One file, whose reason is research unless said otherwise."""
    answer = caller.get(f"/v1/exports/{file}.csv", **({"reason": "research"} | query))
    assert answer.status_code == 200, answer.get_json()
    return rows_of(answer.get_data(as_text=True))


def fetch_all(caller: Caller, **query: Any) -> dict[str, str]:
    """The archive's files as text, by name."""
    answer = caller.get("/v1/exports/export.zip", **({"reason": "research"} | query))
    assert answer.status_code == 200, answer.get_json()
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}
