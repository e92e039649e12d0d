"""Our own readers, given anything at all: an answer or a refusal, never another exception."""

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.security.tokens import TokenRefused, Verifier, key_from_seed
from shared.web.bodies import read_object
from shared.web.idempotency import read_key
from shared.web.paging import Cursors, Page
from shared.web.problems import Refused, field_errors, title_of
from shared.web.requests import expected_version

CURSORS = Cursors(b"k" * 32)
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PLAIN = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(1 - 2**63, 2**63 - 1) | st.floats(-1e300, 1e300) | PLAIN,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(PLAIN, below, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=300))
@example(b"")
@example(b'{"a":1e999}')
@example(b"[" * 300)
def test_any_bytes_are_an_object_or_a_refusal(raw: bytes) -> None:
    with contextlib.suppress(Refused):
        assert isinstance(read_object(raw), dict)


@given(st.dictionaries(PLAIN, VALUES, max_size=5))
def test_a_sound_object_is_read_as_it_is(body: dict[str, Any]) -> None:
    assert read_object(json.dumps(body).encode()) == body


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_of_ours_or_a_refusal(text: str) -> None:
    with pytest.raises(Refused):
        CURSORS.read("/v1/jars", Page(), text)


@given(st.lists(PLAIN, min_size=1, max_size=3))
def test_a_cursor_gives_back_what_it_was_given(after: list[str]) -> None:
    page = Page(sort="label", descending=True)

    cursor = CURSORS.write("/v1/jars", page, tuple(after))

    assert CURSORS.read("/v1/jars", page, cursor) == tuple(after)
    assert cursor.isascii()
    with pytest.raises(Refused):
        Cursors(b"x" * 32).read("/v1/jars", page, cursor)


@given(st.text(max_size=60))
def test_any_text_is_a_version_or_a_refusal(text: str) -> None:
    with contextlib.suppress(Refused):
        assert isinstance(expected_version(text, needed=True), int)


@given(st.text(max_size=220))
def test_any_text_is_a_key_or_a_refusal(text: str) -> None:
    with contextlib.suppress(Refused):
        assert 1 <= len(read_key(text)) <= 200


@given(st.text(max_size=80) | st.from_regex(r"\A[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}\Z"))
def test_no_text_is_a_token_by_chance(text: str) -> None:
    verifier = Verifier({"kitchen": key_from_seed(b"k" * 32)}, "shelf", {"kitchen": frozenset({"cook"})})

    with pytest.raises(TokenRefused):
        verifier.verify(text, NOW)


def test_messages_are_told_by_dotted_fields() -> None:
    messages = {
        "client": {"birth_date": ["Not a date."], "_schema": ["Too young."]},
        "items": {0: {"kind": ["Unknown field."]}},
        "_schema": ["Nothing fits."],
    }

    assert field_errors(messages) == [
        ("client.birth_date", "Not a date."),
        ("client", "Too young."),
        ("items.0.kind", "Unknown field."),
        ("body", "Nothing fits."),
    ]


@pytest.mark.parametrize(
    ("name", "title"), [("SlotTaken", "Slot taken"), ("HTTPGone", "Http gone"), ("NoDSTHour", "No dst hour")]
)
def test_an_exceptions_name_is_its_title(name: str, title: str) -> None:
    assert title_of(type(name, (Exception,), {})) == title
