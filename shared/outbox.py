"""Outbox: an event is a row in the transaction of the change it tells of."""

import json

from shared.database.tx import Tx
from shared.envelope import Event, event_headers, event_payload

CHANNEL = "rapport_outbox"


def publish(tx: Tx, event: Event) -> None:
    """
    Tell the others, if and only if this transaction commits.

    The caller has locked the aggregate's row before (`UPDATE ... RETURNING version`):
    only then does the order of the rows equal the order of the commits.

    Raises:
        ValueError: the data does not fit an event (over 64 KiB, NaN).
    """
    kind, _, aggregate_id = event.subject.partition("/")
    tx.defer(
        "INSERT INTO outbox (id, aggregatetype, aggregateid, type, aggregate_version, topic, key, headers, payload) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            event.id,
            kind,
            aggregate_id,
            event.type,
            event.sequence,
            event.topic,
            str(event.key).encode(),
            json.dumps(event_headers(event, tx.trace), ensure_ascii=False),
            event_payload(event),
        ),
    )
    tx.notify(CHANNEL)  # the relay also polls
