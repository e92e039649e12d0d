from collections import Counter
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from shared.eventlog.postgres.shares import shares

TOPICS = st.dictionaries(st.integers(1, 5), st.integers(1, 12), min_size=1)


@st.composite
def groups(draw: st.DrawFn) -> tuple[list[tuple[UUID, frozenset[int]]], dict[int, int]]:
    parts = draw(TOPICS)
    wishes = draw(st.lists(st.frozensets(st.sampled_from(sorted(parts)), min_size=1), min_size=1, max_size=8))
    return [(uuid4(), wish) for wish in wishes], parts


@given(groups())
def test_every_partition_somebody_reads_has_one_reader_who_wants_it(
    group: tuple[list[tuple[UUID, frozenset[int]]], dict[int, int]],
) -> None:
    members, parts = group

    dealt = shares(members, parts)

    wanted = frozenset[int]().union(*(topics for _, topics in members))
    assert set(dealt) == {(topic, part) for topic in wanted for part in range(parts[topic])}
    wishes = dict(members)
    assert all(topic in wishes[member] for (topic, _), member in dealt.items())


@given(TOPICS, st.integers(1, 8))
def test_members_with_the_same_wishes_get_the_same_number_give_or_take_one(parts: dict[int, int], count: int) -> None:
    members = [(uuid4(), frozenset(parts)) for _ in range(count)]

    dealt = Counter(shares(members, parts).values())

    sizes = [dealt[member] for member, _ in members]
    assert max(sizes) - min(sizes) <= 1


def test_without_members_nothing_is_dealt() -> None:
    assert shares([], {1: 6}) == {}
