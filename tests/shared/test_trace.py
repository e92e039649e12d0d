import pytest

from shared.trace import continue_trace, new_trace

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_caller_s_thread_is_taken_up_with_a_span_of_our_own() -> None:
    taken = continue_trace(GIVEN, "vendor=1", cause="event-1")

    assert taken.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert taken.traceparent != GIVEN
    assert taken.tracestate == "vendor=1"
    assert taken.cause == "event-1"


@pytest.mark.parametrize(
    "malformed",
    [
        None,
        "",
        "nonsense",
        GIVEN.upper(),
        GIVEN.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32),
        "01" + GIVEN[2:],
    ],
)
def test_a_malformed_thread_is_replaced_by_a_new_one(malformed: str | None) -> None:
    assert continue_trace(malformed).trace_id != "4bf92f3577b34da6a3ce929d0e0e4736"


def test_two_new_threads_differ() -> None:
    assert new_trace().trace_id != new_trace().trace_id


def test_a_tracestate_beyond_512_characters_is_dropped() -> None:
    assert continue_trace(GIVEN, "x" * 513).tracestate == ""
