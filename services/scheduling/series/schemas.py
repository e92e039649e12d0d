"""Shapes of weekly series, as they come in (closed) and go out."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.scheduling.appointments.domain.booking import BookingRequest
from services.scheduling.appointments.domain.status import REASONS
from services.scheduling.appointments.schemas import AppointmentSchema, LocalTime, NewAppointmentSchema
from services.scheduling.series.domain import MAX_WEEKS, SeriesRequest
from shared.fields import YesOrNo


class NewSeriesSchema(NewAppointmentSchema):
    weeks = fields.Integer(strict=True, required=True, validate=validate.Range(1, MAX_WEEKS))
    skip_conflicts = YesOrNo(load_default=False)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> SeriesRequest:
        weeks, skip = data.pop("weeks"), data.pop("skip_conflicts")
        return SeriesRequest(BookingRequest(**data), weeks, skip)


class SeriesSchema(Schema):
    id = fields.UUID(required=True)
    rule = fields.String(required=True)
    appointments = fields.List(fields.Nested(AppointmentSchema), required=True)
    skipped = fields.List(LocalTime(), required=True)


class SeriesCancellationSchema(Schema):
    by = fields.String(required=True, validate=validate.OneOf(["client", "clinic"]))
    reason_code = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(list(REASONS)))
