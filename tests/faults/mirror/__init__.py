"""
A service made for tests: writes down every count that it hears.

Owns: the effects. Publishes: nothing. Listens to: count.raised.
"""

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint
from marshmallow import EXCLUDE, Schema, fields

from shared.database import Tx
from shared.envelope import Message
from shared.service import Handler, Service
from tests.faults.counting import COUNT_RAISED


class CountHeard(Schema):
    class Meta:
        unknown = EXCLUDE

    client_id = fields.UUID(required=True)
    count = fields.Integer(required=True, strict=True)


def count_raised(tx: Tx, message: Message, *, now: datetime) -> None:
    heard = CountHeard().load(message.data)
    tx.execute(
        "INSERT INTO effect (client, count, event_id) VALUES (%s, %s, %s)",
        (heard["client_id"], heard["count"], message.id),
    )


def mirror(hears: Mapping[str, Handler] | None = None) -> Service:
    """The mirror, with other ears if given."""
    ears = {COUNT_RAISED: count_raised} if hears is None else hears
    return Service("mirror", "Mirror", Blueprint("mirror", __name__), {}, "tests.faults.mirror.migrations", ears)
