"""Append: one producer a process, made at first use and thrown away after any failure."""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from kafka import KafkaProducer, errors

from shared.eventlog.interface import Closed, LogError, LogUnavailable, NewRecord, RecordMeta
from shared.eventlog.kafka.clients import in_our_words, make, refuse_if_away
from shared.eventlog.kafka.settings import BOOTSTRAP_SECONDS, Cluster, producer_settings
from shared.eventlog.partitioner import partition_of


class Producer:
    """
    Sends batches and waits for all of a batch; safe for several threads.

    After a failure the client is closed: what it still held must not go out after its
    caller was told that the batch failed, and a fresh one begins without old errors.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._close_seconds = cluster.patience.append / 15
        self._lock = threading.Lock()
        self._client: Any = None
        self._turn = 0
        self._closed = False

    def append(self, topic: str, partitions: int, records: Sequence[NewRecord], *, deadline: float) -> list[RecordMeta]:
        """
        Send a batch in order and wait until every record's fate is known.

        Raises:
            LogUnavailable: part of the batch may be in the log, in which case later records of a
                key may be there without an earlier one.
        """
        client = self._open()
        try:
            with in_our_words():
                futures = [self._send(client, topic, partitions, record) for record in records]
                known_by = deadline - 2 * self._close_seconds  # closing belongs to it
                _hurry(client, known_by)
                return _await(futures, known_by)
        except LogError:
            self._discard(client)
            raise

    def close(self) -> None:
        """Close the client; safe to call twice."""
        with self._lock:
            self._closed = True
            client, self._client = self._client, None
        _close(client, self._close_seconds)

    def _open(self) -> Any:
        with self._lock:
            if self._closed:
                raise Closed("this log was closed")
            if self._client is None:
                refuse_if_away(self._cluster, BOOTSTRAP_SECONDS)
                with in_our_words():
                    self._client = make(KafkaProducer, producer_settings(self._cluster))
            return self._client

    def _send(self, client: Any, topic: str, partitions: int, record: NewRecord) -> Any:
        if record.key is None:
            self._turn += 1
            partition = self._turn % partitions
        else:
            partition = partition_of(record.key, partitions)
        headers = [(name, value.encode()) for name, value in record.headers]
        return client.send(topic, value=record.value, key=record.key, headers=headers, partition=partition)

    def _discard(self, client: Any) -> None:
        with self._lock:
            if self._client is client:
                self._client = None
        _close(client, self._close_seconds)


def _hurry(client: Any, deadline: float) -> None:
    """Send at once what lingers for company, as no more comes of this batch; the futures say what became of it."""
    with suppress(errors.KafkaError):  # flush also raises when a batch had to be split, which is no failure
        client.flush(timeout=max(0.0, deadline - time.monotonic()))


def _await(futures: Sequence[Any], deadline: float) -> list[RecordMeta]:
    first: BaseException | None = None
    metas = []
    for future in futures:
        try:
            sent = future.get(timeout=max(0.0, deadline - time.monotonic()))
        except Exception as error:  # noqa: BLE001 - the rest of the batch has its fate, too; then the first is raised
            first = first or error
        else:
            if sent is None or sent.offset < 0:
                first = first or LogUnavailable("Kafka acknowledged a record without a place")
                continue
            metas.append(RecordMeta(sent.topic, sent.partition, sent.offset))
    if first is not None:
        raise first
    return metas


def _close(client: Any, seconds: float) -> None:
    """
    Close within twice `seconds`, whatever the client still holds.

    `KafkaProducer.close` flushes first and, when that takes too long, raises with its
    thread left running, which would send the rest after all. There is no public way to stop it.
    """
    if client is None:
        return
    try:
        client.close(timeout=seconds)
    except Exception:  # noqa: BLE001 - whatever it was, the thread must end
        with suppress(Exception):
            client._sender.force_close()  # noqa: SLF001 - as above
            client._sender.join(seconds)  # noqa: SLF001 - as above
        client._closed = True  # noqa: SLF001 - or its finalizer does it all again
