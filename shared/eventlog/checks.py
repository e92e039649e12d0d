"""What a record may be: checked the same for both adapters, so that both refuse the same records."""

from collections.abc import Sequence

from shared.eventlog.interface import MAX_RECORD_BYTES, NewRecord, RecordTooLarge


def record_bytes(record: NewRecord) -> int:
    """Key, value and headers in bytes, without what a log adds of its own."""
    size = len(record.key or b"") + len(record.value or b"")
    return size + sum(len(name.encode()) + len(value.encode()) for name, value in record.headers)


def check_records(topic: str, records: Sequence[NewRecord], limit: int = MAX_RECORD_BYTES) -> None:
    """
    Let a batch pass only if every record can be carried, before any of it is sent.

    Raises:
        RecordTooLarge: naming the sizes, never the content.
        ValueError: a record has neither key nor value, or a header is not text that UTF-8 can carry.
    """
    for record in records:
        if record.key is None and record.value is None:
            raise ValueError(f"{topic}: a record with neither key nor value says nothing")
        size = record_bytes(record)
        if size > limit:
            raise RecordTooLarge(f"{topic}: a record of {size} bytes, the limit is {limit}")
