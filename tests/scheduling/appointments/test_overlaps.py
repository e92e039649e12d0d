from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.appointments.domain.occupancy import Taken, find_overlaps

spans = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 40), st.integers(0, 12)), max_size=25)


@given(spans)
def test_the_sweep_finds_what_a_minute_by_minute_look_finds(made: list[tuple[int, int, int]]) -> None:
    taken = [Taken(no, UUID(int=i), start, start + length) for i, (no, start, length) in enumerate(made)]

    found = {frozenset((a.appointment_id, b.appointment_id)) for a, b in find_overlaps(taken)}

    by_minute = {
        frozenset((a.appointment_id, b.appointment_id))
        for a in taken
        for b in taken
        if a.appointment_id != b.appointment_id
        and a.resource_no == b.resource_no
        and set(range(int(a.start), int(a.end))) & set(range(int(b.start), int(b.end)))
    }
    assert found == by_minute


def test_hours_that_touch_do_not_overlap() -> None:
    assert find_overlaps([Taken(1, UUID(int=1), 0, 50), Taken(1, UUID(int=2), 50, 100)]) == []
