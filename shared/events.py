"""Events on their way out: held to their own closed description before they are published."""

from functools import cache

from marshmallow import RAISE, Schema

from shared.envelope import Event


class EventData(Schema):
    """What an event says; closed: whatever is not declared does not leave the service."""

    class Meta:
        unknown = RAISE


def checked(schema: type[Schema], event: Event) -> Event:
    """The event, if its data fit their description; raises marshmallow's ValidationError."""
    _instance(schema).load(event.data)
    return event


@cache
def _instance(schema: type[Schema]) -> Schema:
    # One of each: making a schema copies all of its fields, which takes longer than using it.
    return schema()
