"""Events on their way out: held to their own closed description before they are published."""

from marshmallow import RAISE, Schema

from shared.envelope import Event


class EventData(Schema):
    """What an event says; closed: whatever is not declared does not leave the service."""

    class Meta:
        unknown = RAISE


def checked(schema: Schema, event: Event) -> Event:
    """The event, if its data fit their description; raises marshmallow's ValidationError."""
    schema.load(event.data)
    return event
