"""Who of a group reads what: a pure function that every member computes alike."""

from collections.abc import Mapping, Sequence
from uuid import UUID

Place = tuple[int, int]  # topic_id, partition


def shares(members: Sequence[tuple[UUID, frozenset[int]]], parts: Mapping[int, int]) -> dict[Place, UUID]:
    """
    Deal the partitions round to the members.

    Args:
        members: The live members in the order they joined, each with the topics it reads.
        parts: Topic -> number of partitions.

    Returns:
        Partition -> its one reader; each partition of a topic that somebody reads occurs.
    """
    dealt: dict[Place, UUID] = {}
    turn = 0
    for topic_id in sorted(parts):
        readers = [member for member, topics in members if topic_id in topics]
        for part in range(parts[topic_id] if readers else 0):
            dealt[topic_id, part] = readers[turn % len(readers)]
            turn += 1
    return dealt
