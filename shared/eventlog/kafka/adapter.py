"""The event log on Kafka; see `shared.eventlog.interface.EventLog`."""

import importlib.util
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from shared.eventlog.checks import check_records
from shared.eventlog.interface import PARTITIONS, RETENTION, Closed, NewRecord, RecordMeta, Start
from shared.eventlog.kafka import admin
from shared.eventlog.kafka.producing import Producer
from shared.eventlog.kafka.settings import Cluster, Patience, cluster_from_url
from shared.eventlog.kafka.subscription import KafkaSubscription
from shared.eventlog.names import legal_name

logger = logging.getLogger(__name__)


def kafka_log(url: str, *, name: str, patience: Patience | None = None) -> "KafkaLog":
    """
    Open a log on Kafka; nothing is connected yet.

    Raises:
        ValueError: the URL names no cluster.
    """
    # At DEBUG the client logs keys and values of records, which have no place in a log file; in an outage
    # its warnings say many times a second what the subscription says once.
    kafka_logger = logging.getLogger("kafka")
    kafka_logger.setLevel(max(logging.ERROR, kafka_logger.level))
    if importlib.util.find_spec("crc32c") is None:
        logger.warning("crc32c is not installed: Kafka is 3 to 5 times slower without it (pip install crc32c)")
    cluster = cluster_from_url(url, name=name)
    return KafkaLog(replace(cluster, patience=patience) if patience else cluster)


class KafkaLog:
    """
    An event log in a Kafka cluster.

    Clients are made at first use, in the process and the thread that uses them: one made
    before a fork never sends.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._producer = Producer(cluster)
        self._partitions: dict[str, int] = {}  # of a live topic their number never changes
        self._closed = False

    def append(self, topic: str, records: Sequence[NewRecord]) -> list[RecordMeta]:
        self._check_open()
        deadline = time.monotonic() + self._cluster.patience.append
        check_records(topic, records)
        if topic not in self._partitions:
            self._partitions |= admin.partitions(self._cluster, [topic])
        if not records:
            return []
        return self._producer.append(topic, self._partitions[topic], records, deadline=deadline)

    def subscribe(self, group: str, topics: Sequence[str], *, start: Start = "earliest") -> KafkaSubscription:
        self._check_open()
        names = list(dict.fromkeys(topics))
        return KafkaSubscription(self._cluster, legal_name(group), names, start, check_log=self._check_open)

    def reader(self, topics: Sequence[str]) -> KafkaSubscription:
        self._check_open()
        names = list(dict.fromkeys(topics))
        return KafkaSubscription(self._cluster, None, names, "earliest", check_log=self._check_open)

    def create_topic(self, name: str, *, partitions: int = PARTITIONS, retention: timedelta = RETENTION) -> None:
        self._check_open()
        admin.create_topic(self._cluster, legal_name(name), partitions, retention)

    def topics(self) -> dict[str, int]:
        self._check_open()
        return admin.topics(self._cluster)

    def start_offsets(self, topic: str) -> dict[int, int]:
        self._check_open()
        return admin.start_offsets(self._cluster, topic)

    def end_offsets(self, topic: str) -> dict[int, int]:
        self._check_open()
        return admin.end_offsets(self._cluster, topic)

    def groups(self) -> list[str]:
        self._check_open()
        return admin.groups(self._cluster)

    def offsets(self, group: str, topic: str) -> dict[int, int]:
        self._check_open()
        return admin.offsets(self._cluster, group, topic)

    def reset(self, group: str, topic: str, to: Mapping[int, int]) -> None:
        self._check_open()
        admin.reset(self._cluster, legal_name(group), topic, to)

    def trim(self, topic: str, before: Mapping[int, int]) -> None:
        self._check_open()
        admin.trim(self._cluster, topic, before)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._producer.close()

    def _check_open(self) -> None:
        if self._closed:
            raise Closed("this log was closed")
