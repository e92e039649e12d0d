"""The file of a backup: one changed byte, or a missing end, is noticed; who writes it cannot read it."""

import io
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.backup import archive
from shared.backup.archive import CHUNK, Member
from shared.backup.plan import BackupRefused

KEY, PUBLIC = archive.new_identity()
MEMBERS = [("rapport_intake.dump.000000", b"a" * 200_000), ("empty", b""), ("manifest.json", b"{}")]


def written(members: list[Member] = MEMBERS) -> bytes:
    file = io.BytesIO()
    archive.write(file, [PUBLIC], members)
    return file.getvalue()


def read(content: bytes, *keys: str) -> list[Member]:
    found: list[Member] = []
    archive.read(io.BytesIO(content), keys or [KEY], lambda name, piece: found.append((name, piece)))
    return found


WHOLE = written()


def test_what_goes_in_comes_out() -> None:
    assert read(WHOLE) == MEMBERS


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, len(WHOLE) - 1), bit=st.integers(0, 7))
def test_one_changed_bit_anywhere_is_refused(at: int, bit: int) -> None:
    damaged = bytearray(WHOLE)
    damaged[at] ^= 1 << bit

    with pytest.raises(BackupRefused):
        read(bytes(damaged))


@settings(max_examples=60, deadline=None)
@given(end=st.integers(0, len(WHOLE) - 1))
def test_a_file_that_ends_too_soon_is_refused(end: int) -> None:
    with pytest.raises(BackupRefused):
        read(WHOLE[:end])


@pytest.mark.parametrize("more", [b"x", WHOLE])
def test_a_file_with_something_behind_its_end_is_refused(more: bytes) -> None:
    with pytest.raises(BackupRefused):
        read(WHOLE + more)


def test_the_key_that_wrote_it_does_not_read_it() -> None:
    other, _ = archive.new_identity()

    with pytest.raises(BackupRefused, match="does not open"):
        read(WHOLE, other)


def test_memory_holds_one_piece_however_long_a_dump_is() -> None:
    file = io.BytesIO()

    def pieces() -> Iterator[Member]:
        for number in range(20):
            assert file.tell() >= (number - 1) * CHUNK // 8, "asked for before the one before it was written"
            yield f"a.dump.{number:06}", bytes(CHUNK // 8)

    archive.write(file, [PUBLIC], pieces())


def test_what_fails_while_a_backup_is_made_is_told_as_it_was() -> None:
    def fails() -> Iterator[Member]:
        yield "a", b"b"
        raise BackupRefused("pg_dump failed")

    with pytest.raises(BackupRefused, match="pg_dump failed"):
        archive.write(io.BytesIO(), [PUBLIC], fails())


def test_a_member_that_is_larger_than_any_of_ours_is_refused() -> None:
    with pytest.raises(BackupRefused, match="something else"):
        read(written([("bomb", bytes(CHUNK + 1))]))
