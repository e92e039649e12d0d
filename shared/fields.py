"""Fields that marshmallow's own would take too kindly."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, missing

_zone: ContextVar[tzinfo] = ContextVar("zone")


@contextmanager
def days_counted_in(zone: tzinfo) -> Iterator[None]:
    """Within the block, `LocalDay` dumps the days of this zone."""
    token = _zone.set(zone)
    try:
        yield
    finally:
        _zone.reset(token)


def counted_day(moment: datetime) -> date:
    """The day of a moment where days are counted; raises LookupError outside `days_counted_in`."""
    return moment.astimezone(_zone.get()).date()


class LocalDay(fields.Date):
    """The day of a moment, where days are counted; told beside the moment and never asked for."""

    def __init__(self, *, attribute: str) -> None:
        super().__init__(attribute=attribute, dump_only=True)

    def get_value(self, *args: Any, **kwargs: Any) -> Any:
        """The moment's day in place of the moment."""
        found = super().get_value(*args, **kwargs)
        return counted_day(found) if isinstance(found, datetime) else found


class YesOrNo(fields.Boolean):
    """True or false and nothing that merely resembles them: 1, "yes" or "true" is no answer."""

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """As any field, after a look at the type: to Python, 1 equals True."""
        if value is not missing and not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super().deserialize(value, *args, **kwargs)


class UtcTime(fields.AwareDateTime):
    """An instant, given with any offset; one that has no place in UTC (year 1, year 9999) is out of shape."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> datetime:
        try:
            moment: datetime = super()._deserialize(value, *args, **kwargs)
            return moment.astimezone(UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from error


class IncomingEvent(Schema):
    """What is read of an event: the fields that are named, so that its sender may add others."""

    class Meta:
        unknown = EXCLUDE


class ResponseSchema(Schema):
    """What goes out: every field of it is always there, null where nothing is known, and is described so."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Say of each field that it is there."""
        del field_name
        field_obj.required = True


class NothingSchema(Schema):
    """An empty object."""
