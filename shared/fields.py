"""Fields that marshmallow's own would take too kindly."""

from datetime import UTC
from typing import Any

from marshmallow import fields, missing


class YesOrNo(fields.Boolean):
    """True or false and nothing that merely resembles them: 1, "yes" or "true" is no answer."""

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """As any field, after a look at the type: to Python, 1 equals True."""
        if value is not missing and not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super().deserialize(value, *args, **kwargs)


class UtcTime(fields.AwareDateTime):
    """An instant, given with any offset; one that has no place in UTC (year 1, year 9999) is out of shape."""

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """As any field, then in UTC."""
        moment = super().deserialize(value, *args, **kwargs)
        try:
            return moment.astimezone(UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=value, obj_type="datetime") from error
