"""Every setting of every Kafka client, in one place, with the reason where the default would hurt."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor

from shared.eventlog.interface import MAX_RECORD_BYTES

CALL_SECONDS = 10.0
BOOTSTRAP_SECONDS = 5.0
# Kafka counts lengths, offsets and the frame of a batch; our own limit, without them, is checked before.
MAX_MESSAGE_BYTES = MAX_RECORD_BYTES + 64 * 1024

Settings = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Patience:
    """
    How long things may take, in seconds.

    `append` is the deadline of a batch; a member that was silent for `session` is taken for
    dead; one that is alive but did not poll for `stall` loses its partitions.
    """

    append: float = 30.0
    session: float = 15.0
    stall: float = 300.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the brokers are and how to be let in."""

    servers: tuple[str, ...]
    name: str
    security: Settings = field(default_factory=dict, repr=False)
    patience: Patience = field(default_factory=Patience)


def cluster_from_url(url: str, *, name: str) -> Cluster:
    """
    Read `kafka://host:port,host:port` or `kafkas://user:password@host:port,...?ca=/path`.

    The first is in the clear, for loopback and private networks; the second is TLS with
    SASL SCRAM-SHA-512, user and password percent-encoded.

    Raises:
        ValueError: what is missing; never the password.
    """
    scheme, _, rest = url.partition("://")
    rest, _, query = rest.partition("?")
    credentials, _, hosts = rest.rpartition("@")
    servers = tuple(server.strip() for server in hosts.rstrip("/").split(",") if server.strip())
    if not servers or any(not server.rpartition(":")[2].isdigit() for server in servers):
        raise ValueError(f"a {scheme}:// URL names its brokers as host:port,host:port")
    if scheme == "kafka":
        if credentials or query:
            raise ValueError("kafka:// is in the clear and takes no password; use kafkas://")
        return Cluster(servers, name)
    security: Settings = {"security_protocol": "SSL"}
    authority = parse_qs(query).get("ca")
    if authority:
        security["ssl_cafile"] = authority[0]
    if credentials:
        user, _, password = credentials.partition(":")
        security |= {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": unquote(user),
            "sasl_plain_password": unquote(password),
        }
    return Cluster(servers, name, security)


def producer_settings(cluster: Cluster) -> Settings:
    """For the relay's producer, the only one of a process: nothing lost, order kept, an outage told in time."""
    # A little less than the caller's deadline, so that by then the fate of every record is known.
    delivery_seconds = cluster.patience.append * 5 / 6
    return _common(cluster, "producer") | {
        "enable_idempotence": True,
        "acks": "all",
        "linger_ms": 100,  # fewer, larger requests while a batch is handed over; its end is flushed, so none waits
        "batch_size": 131072,  # a partition has one batch in flight, so its rate is batch / round trip
        "max_block_ms": 5000,  # the default, a minute, is longer than the relay may hold its rows
        "delivery_timeout_ms": _ms(delivery_seconds),
        "request_timeout_ms": _ms(min(CALL_SECONDS, delivery_seconds / 2)),
        "max_request_size": MAX_MESSAGE_BYTES,
        "allow_auto_create_topics": False,
        "compression_type": None,  # at our 500 bytes a record it costs more than it saves
    }


def consumer_settings(cluster: Cluster, group: str | None, *, bootstrap_seconds: float) -> Settings:
    """For one reader. Offsets are committed by hand, and a place that is gone is told, never skipped in silence."""
    return _common(cluster, "consumer") | {
        "group_id": group,
        "enable_auto_commit": False,
        "auto_offset_reset": "none",  # the subscription decides where a new group begins
        "max_poll_records": 500,
        "session_timeout_ms": _ms(cluster.patience.session),  # who lost its id waits for its old session to end
        "heartbeat_interval_ms": _ms(cluster.patience.session / 5),
        "max_poll_interval_ms": _ms(cluster.patience.stall),
        "partition_assignment_strategy": [CooperativeStickyAssignor],
        "allow_auto_create_topics": False,
        "fetch_max_wait_ms": 500,
        "max_partition_fetch_bytes": MAX_MESSAGE_BYTES,
        "check_crcs": True,
        "bootstrap_timeout_ms": _ms(bootstrap_seconds),
    }


def admin_settings(cluster: Cluster, *, bootstrap_seconds: float) -> Settings:
    """For the short-lived client of one question."""
    return _common(cluster, "admin") | {"bootstrap_timeout_ms": _ms(bootstrap_seconds)}


def _common(cluster: Cluster, role: str) -> Settings:
    return {
        "bootstrap_servers": list(cluster.servers),
        "client_id": f"{cluster.name}-{role}".replace(" ", "-"),
        "request_timeout_ms": _ms(CALL_SECONDS),
        "reconnect_backoff_max_ms": 5000,  # so that the end of an outage is noticed within seconds
        "bootstrap_timeout_ms": _ms(BOOTSTRAP_SECONDS),
        "api_version": None,  # asked of the broker: a guess would show as odd errors much later
        **cluster.security,
    }


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
