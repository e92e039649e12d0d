"""Names in every script are kept as written and found as typed."""

import doctest
import unicodedata
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.people.domain import contact, spelling, writing
from services.intake.people.domain.contact import NotReachable, email_as_kept, phone_as_kept, phone_to_compare
from services.intake.people.domain.spelling import exact, fold, foldings, spoken_code_in, words_asked, words_kept
from services.intake.people.domain.writing import NotWritable, name_as_kept, note_as_kept

REAL_NAMES = [
    "O'Neil",
    "Nuñez",
    "李",
    "Müller-Lüdenscheidt",
    "عبد الرحمن",
    "O'Neil-Łukasz 李",
    "Ng",
    "Q",
    "Nguyễn",
    "เพ็ญศรี",
    "Þórhallsdóttir",
    "İpek",
    "क्षेत्रज्ञ",
    "\u06cc\u200c\u0645",
    "Null",
    "True",
    "1e5",
    "𠮷野",
    "Null-Byte & <b>Söhne</b>",
]


@pytest.mark.parametrize("name", REAL_NAMES)
def test_a_name_is_kept_as_it_was_written(name: str) -> None:
    assert name_as_kept(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    "name", ["", "   ", "\u200d", "\u0301", "a" * 101, "M\x00ara", "Ma\nra", "\ud800", "M\u202eara"]
)
def test_what_cannot_be_read_as_a_name_is_turned_away(name: str) -> None:
    with pytest.raises(NotWritable):
        name_as_kept(name)


def test_a_names_length_counts_composed_characters() -> None:
    decomposed = "e\u0301" * 100

    assert name_as_kept(decomposed) == "é" * 100


def test_a_note_keeps_its_lines_but_no_override() -> None:
    assert note_as_kept("first\n\tsecond") == "first\n\tsecond"
    for wrong in ("a\x00b", "a\u202eb", "\udfff", "x" * 2001):
        with pytest.raises(NotWritable):
            note_as_kept(wrong)


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        ("O'Neil-Łukasz 李", "o\u2019neil lukasz"),
        ("O'Neil-Łukasz 李", "ONEIL"),
        ("O'Neil-Łukasz 李", "neil"),
        ("O'Neil-Łukasz 李", "李"),
        ("Anna-Marie", "annamarie"),
        ("Anna-Marie", "anna marie"),
        ("Nguyễn", "nguyen"),
        ("Müller", "muller"),
        ("Müller", "MUELLER"),
        ("Mu\u0308ller", "Müller"),
        ("Weiß", "WEISS"),
        ("Sørensen", "sorensen"),
        ("İpek", "ipek"),
        ("ﾔﾏﾀﾞ", "ヤマダ"),
    ],
)
def test_a_name_is_found_however_it_is_typed(kept: str, asked: str) -> None:
    index = {form for word in words_kept([kept]) for form in foldings(word)}

    assert {fold(word) for word in words_asked(asked)} <= index


@given(st.text(min_size=1, max_size=40))
def test_whoever_has_a_name_is_found_by_typing_it_again(name: str) -> None:
    index = {form for word in words_kept([name]) for form in foldings(word)}

    assert {fold(word) for word in words_asked(name) if fold(word)} <= index


@given(st.text(max_size=200))
def test_no_text_breaks_the_checks(text: str) -> None:
    for check in (name_as_kept, note_as_kept, phone_as_kept, email_as_kept):
        try:
            kept = check(text)
        except (NotWritable, NotReachable):
            continue
        assert check(kept) == kept
        assert kept.encode().decode() == kept


def test_an_exact_spelling_keeps_its_accents() -> None:
    assert exact("Łukasz") != exact("Lukasz")
    assert fold("Łukasz") == fold("Lukasz")


@pytest.mark.parametrize("number", ["+49 151 2345 6789", "0151/23456789", "(030) 1234-5678", "٠١٢٣٤٥٦٧", "112 233"])
def test_a_number_that_may_ring_is_kept(number: str) -> None:
    assert phone_as_kept(number) == number


@pytest.mark.parametrize("number", ["12", "call me", "1" * 21, "+", "0151 2345678\x00", "x" * 50])
def test_a_number_that_cannot_ring_is_turned_away(number: str) -> None:
    with pytest.raises(NotReachable):
        phone_as_kept(number)


def test_a_number_is_the_same_with_and_without_its_country() -> None:
    assert phone_to_compare("+49 (0)151 2345 6789") == phone_to_compare("0151 23456789") == "23456789"


@pytest.mark.parametrize(
    "address", ["mara", "mara@", "@example.org", "a b@example.org", "a@b@c", "m\x00@x", "a@" + "b" * 260]
)
def test_an_address_without_both_sides_is_turned_away(address: str) -> None:
    with pytest.raises(NotReachable):
        email_as_kept(address)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("K-1042", "K-1042"), (" k1042", "K-1042"), ("k 123456", "K-123456"), ("K-104", None), ("٠", None)],
)
def test_a_spoken_code_is_understood_however_it_is_typed(typed: str, code: str | None) -> None:
    assert spoken_code_in(typed) == code


@pytest.mark.parametrize("module", [contact, spelling, writing])
def test_the_examples_in_the_docstrings_are_true(module: ModuleType) -> None:
    found = doctest.testmod(module)

    assert found.attempted > 0
    assert found.failed == 0
