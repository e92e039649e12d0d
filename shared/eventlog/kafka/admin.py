"""What operators and `migrate` do with Kafka: topics, places, groups."""

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from kafka import OffsetSpec, TopicPartition, errors
from kafka.structs import OffsetAndMetadata

from shared.eventlog.interface import LogError, OffsetOutOfRange, UnknownTopic
from shared.eventlog.kafka.clients import admin, in_our_words
from shared.eventlog.kafka.settings import BOOTSTRAP_SECONDS, MAX_MESSAGE_BYTES, Cluster

_REPLICAS = 3
_NEWS_SECONDS = 2.0


def create_topic(cluster: Cluster, name: str, partitions: int, retention: timedelta) -> None:
    """
    Create a topic; does nothing if it is there.

    Three replicas of which two must have a record before it counts, where there are three brokers.
    The log's own time of append is the record's time, so it cannot go back along a partition.
    """
    with admin(cluster) as client:
        brokers = len(client.describe_cluster()["brokers"])
        replicas = min(_REPLICAS, brokers)
        configs = {
            "cleanup.policy": "delete",  # never compacted: several event types share a key
            "retention.ms": str(round(retention.total_seconds() * 1000)),
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
            "message.timestamp.type": "LogAppendTime",
            "min.insync.replicas": "2" if replicas == _REPLICAS else "1",
            "unclean.leader.election.enable": "false",
        }
        wanted = {name: {"num_partitions": partitions, "replication_factor": replicas, "configs": configs}}
        try:
            client.create_topics(wanted, wait_for_metadata=True)
        except errors.TopicAlreadyExistsError:
            return


def topics(cluster: Cluster) -> dict[str, int]:
    """All topics but Kafka's own, with their number of partitions."""
    with admin(cluster) as client:
        found = client.describe_topics()
    return {str(t["name"]): len(t["partitions"]) for t in found if not t["is_internal"]}


def partitions(cluster: Cluster, topics: Sequence[str], *, seconds: float = BOOTSTRAP_SECONDS) -> dict[str, int]:
    """
    The number of partitions of each topic; waits at most `seconds` for the cluster to be there.

    Raises:
        UnknownTopic: one of them does not exist.
    """
    with admin(cluster, seconds=seconds) as client:
        return {topic: _partitions(client, topic) for topic in topics}


def start_offsets(cluster: Cluster, topic: str) -> dict[int, int]:
    """The oldest offset still there, per partition."""
    return _ends(cluster, topic, OffsetSpec.EARLIEST)


def end_offsets(cluster: Cluster, topic: str) -> dict[int, int]:
    """One past the newest offset, per partition."""
    return _ends(cluster, topic, OffsetSpec.LATEST)


def groups(cluster: Cluster) -> list[str]:
    """All consumer groups that the cluster remembers."""
    with admin(cluster) as client:
        return sorted(str(group["group_id"]) for group in client.list_groups())


def offsets(cluster: Cluster, group: str, topic: str) -> dict[int, int]:
    """The committed places of a group."""
    with admin(cluster) as client:
        _partitions(client, topic)
        try:
            kept = client.list_group_offsets({group: None}).get(group, {})
        except errors.GroupIdNotFoundError:
            return {}
    return {p.partition: at.offset for p, at in sorted(kept.items()) if p.topic == topic and at.offset >= 0}


def reset(cluster: Cluster, group: str, topic: str, to: Mapping[int, int]) -> None:
    """
    Set the places of a group that is at rest; Kafka itself refuses while it has members.

    Raises:
        CommitRefused: it has live members.
    """
    with admin(cluster) as client:
        _check(client, topic, to)
        wanted = {TopicPartition(topic, part): OffsetAndMetadata(off, "", -1) for part, off in to.items()}
        answers = client.alter_group_offsets(group, wanted)
    for error in answers.values():
        if error is not errors.NoError:
            with in_our_words():
                raise error


def trim(cluster: Cluster, topic: str, before: Mapping[int, int]) -> None:
    """
    Delete records below an offset, per partition.

    Raises:
        OffsetOutOfRange: the offset lies past the end; nothing was deleted.
    """
    ends = end_offsets(cluster, topic)
    with admin(cluster) as client:
        _check(client, topic, before)
        for part, off in before.items():
            if off > ends[part]:
                raise OffsetOutOfRange(f"{topic}/{part}: {off} lies past the end, {ends[part]}")
        client.delete_records({TopicPartition(topic, part): off for part, off in before.items()})


def _ends(cluster: Cluster, topic: str, spec: OffsetSpec) -> dict[int, int]:
    with admin(cluster) as client:
        wanted = {TopicPartition(topic, part): spec for part in range(_partitions(client, topic))}
        found = client.list_partition_offsets(wanted)
    return {place.partition: int(at.offset) for place, at in sorted(found.items())}


def _partitions(client: Any, topic: str) -> int:
    # In a cluster a broker hears of a new topic a moment after another has created it.
    until = time.monotonic() + (_NEWS_SECONDS if len(client.describe_cluster()["brokers"]) > 1 else 0.0)
    while True:
        found = client.describe_topics([topic])[0]
        if found["error_code"] == errors.NoError.errno:
            return len(found["partitions"])
        if time.monotonic() >= until:
            if found["error_code"] == errors.UnknownTopicOrPartitionError.errno:
                raise UnknownTopic(f"there is no topic {topic}")
            raise errors.for_code(found["error_code"])
        time.sleep(_NEWS_SECONDS / 20)


def _check(client: Any, topic: str, places: Mapping[int, int]) -> None:
    count = _partitions(client, topic)
    for part, off in places.items():
        if not 0 <= part < count:
            raise LogError(f"{topic} has partitions 0-{count - 1}, not {part}")
        if off < 0:
            raise OffsetOutOfRange(f"{topic}/{part}: {off} is negative")
