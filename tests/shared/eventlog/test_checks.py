import pytest

from shared.eventlog.checks import check_records, record_bytes
from shared.eventlog.interface import NewRecord, RecordTooLarge
from shared.eventlog.names import legal_name


def test_a_record_is_measured_with_its_headers_in_utf_8() -> None:
    assert record_bytes(NewRecord(b"key", b"value", (("ü", "🙂"),))) == 3 + 5 + 2 + 4
    assert record_bytes(NewRecord(None, None)) == 0


def test_the_refusal_names_sizes_and_no_content() -> None:
    with pytest.raises(RecordTooLarge) as refused:
        check_records("rapport.intake", [NewRecord(b"client", b"x" * 11)], limit=16)

    assert str(refused.value) == "rapport.intake: a record of 17 bytes, the limit is 16"


def test_a_record_of_exactly_the_limit_passes() -> None:
    check_records("rapport.intake", [NewRecord(b"client", b"x" * 10)], limit=16)

    assert record_bytes(NewRecord(b"client", b"x" * 10)) == 16


@pytest.mark.parametrize("name", ["rapport.intake", "feedback-worker", "A_1", "x" * 249])
def test_names_that_both_logs_can_carry(name: str) -> None:
    assert legal_name(name) == name
