"""Making Kafka clients so that a broker that is away costs a moment and leaves nothing behind."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from kafka import KafkaAdminClient, errors
from kafka.net.compat import KafkaNetClient

from shared.eventlog.interface import CommitRefused, LogUnavailable, OffsetOutOfRange, RecordTooLarge, UnknownTopic
from shared.eventlog.kafka.settings import BOOTSTRAP_SECONDS, Cluster, Settings, admin_settings

_REFUSED_COMMIT = (
    errors.CommitFailedError,
    errors.UnknownMemberIdError,
    errors.IllegalGenerationError,
    errors.RebalanceInProgressError,
    errors.FencedInstanceIdError,
    errors.NonEmptyGroupError,
)


@contextmanager
def in_our_words() -> Iterator[None]:
    """Turn Kafka's errors into those of the interface; whatever says nothing clear is LogUnavailable."""
    try:
        yield
    except (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError) as error:
        raise RecordTooLarge("Kafka refused a record for its size") from error
    except errors.UnknownTopicOrPartitionError as error:
        raise UnknownTopic("Kafka knows no such topic or partition") from error
    except errors.OffsetOutOfRangeError as error:
        raise OffsetOutOfRange("Kafka has no such offset") from error
    except _REFUSED_COMMIT as error:
        raise CommitRefused(f"this member may not commit ({type(error).__name__})") from error
    # RuntimeError: kafka-python's event loop was closed while a call was waiting for it.
    except (errors.KafkaError, OSError, RuntimeError) as error:
        raise LogUnavailable(f"Kafka refused or did not answer ({type(error).__name__})") from error


def make(kind: Callable[..., Any], settings: Settings) -> Any:
    """
    Construct a client; if that fails, stop the thread and the sockets that it had already started.

    kafka-python's constructors wait for the cluster and leave their network client running when they give up.
    """
    begun: list[Any] = []

    def network(**configs: Any) -> Any:
        begun.append(KafkaNetClient(**configs))
        return begun[-1]

    try:
        return kind(kafka_client=network, **settings)
    except BaseException:
        for client in begun:
            with suppress(Exception):
                client.close()
        raise


def refuse_if_away(cluster: Cluster, seconds: float) -> None:
    """
    Ask by a bare connection whether any broker is there, which costs far less than a client that waits.

    Raises:
        LogUnavailable: none of them answers within `seconds`.
    """
    deadline = time.monotonic() + seconds
    for server in cluster.servers:
        host, _, port = server.rpartition(":")
        left = max(0.05, deadline - time.monotonic())
        with suppress(OSError), socket.create_connection((host.strip("[]"), int(port)), timeout=left):
            return
    raise LogUnavailable("no Kafka broker answers")


@contextmanager
def admin(cluster: Cluster, *, seconds: float = BOOTSTRAP_SECONDS) -> Iterator[Any]:
    """A short-lived admin client for one question; waits at most `seconds` for the cluster to be there."""
    refuse_if_away(cluster, seconds)
    with in_our_words():
        client = make(KafkaAdminClient, admin_settings(cluster, bootstrap_seconds=seconds))
        try:
            yield client
        finally:
            with suppress(errors.KafkaError, RuntimeError):
                client.close()
