"""Shapes of appointments, as they come in (closed) and go out."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.scheduling.appointments.domain.appointment import Marking
from services.scheduling.appointments.domain.booking import (
    MINUTES_MAX,
    MINUTES_MIN,
    BookingRequest,
    Modality,
    MoveRequest,
)
from services.scheduling.appointments.domain.status import REASONS, Status
from shared.fields import UtcTime, YesOrNo

_LOCAL = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:00)?")
_TYPE_CODE = validate.Regexp(
    r"^[a-z0-9][a-z0-9_]{0,31}\Z", error="A type is a code of up to 32 small letters, digits and underscores."
)
MARKS = (Status.ARRIVED, Status.COMPLETED, Status.NO_SHOW, Status.CLIENT_CANCELLED, Status.CLINIC_CANCELLED)


class LocalTime(fields.Field[datetime]):
    """Wall time to the minute, like 2026-12-01T15:00; the zone is a field of its own, so an offset is refused."""

    def __init__(self, **kwargs: Any) -> None:
        described = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:00)?$"}
        super().__init__(metadata={**described, **kwargs.pop("metadata", {})}, **kwargs)

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else f"{value:%Y-%m-%dT%H:%M}"

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - marshmallow calls it with these
        data: Mapping[str, Any] | None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> datetime:
        if not isinstance(value, str) or not value.isascii() or not _LOCAL.fullmatch(value):
            raise ValidationError("Write local time without a zone, like 2026-12-01T15:00.")
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            raise ValidationError("There is no such date and time.") from None


def _minutes(*, required: bool) -> fields.Integer:
    return fields.Integer(
        strict=True, required=required, validate=validate.Range(MINUTES_MIN, MINUTES_MAX), metadata={"unit": "minutes"}
    )


def _zone() -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 64))


class NewAppointmentSchema(Schema):
    client_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    room_id = fields.UUID(load_default=None, allow_none=True)
    type_code = fields.String(required=True, validate=_TYPE_CODE)
    modality = fields.Enum(Modality, by_value=True, required=True)
    local_start = LocalTime(required=True)
    zone = _zone()
    minutes = _minutes(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> BookingRequest:
        return BookingRequest(**data)


class AppointmentSchema(Schema):
    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    status = fields.Enum(Status, by_value=True, required=True)
    client_id = fields.UUID(required=True)
    spoken_code = fields.String(required=True, allow_none=True)
    practitioner_id = fields.UUID(required=True)
    room_id = fields.UUID(required=True, allow_none=True)
    type_code = fields.String(required=True)
    modality = fields.Enum(Modality, by_value=True, required=True)
    starts_at = UtcTime(required=True)
    ends_at = UtcTime(required=True)
    local_start = LocalTime(required=True)
    zone = fields.String(required=True)
    minutes = fields.Integer(required=True)
    series_id = fields.UUID(required=True, allow_none=True)
    reason_code = fields.String(required=True, allow_none=True)
    late = fields.Boolean(required=True)
    attendance_code = fields.String(required=True, allow_none=True)
    undo_until = UtcTime(required=True, allow_none=True)


class MarkingSchema(Schema):
    to = fields.Enum(
        Status, by_value=True, required=True, validate=validate.OneOf(MARKS, error="Not a status to be set.")
    )
    reason_code = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(list(REASONS)))
    waive_late = YesOrNo(load_default=False)
    late_start = YesOrNo(load_default=False)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Marking:
        return Marking(**data)


class MoveSchema(Schema):
    """`room_id` left out keeps the room, null gives it up; `minutes` left out keeps the length."""

    local_start = LocalTime(required=True)
    minutes = _minutes(required=False)
    room_id = fields.UUID(allow_none=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> MoveRequest:
        return MoveRequest(**data, keep_room="room_id" not in data)


class WindowSchema(Schema):
    """Appointments that begin in [from, to)."""

    begins_from = UtcTime(data_key="from", load_default=None)
    begins_before = UtcTime(data_key="to", load_default=None)
    practitioner_id = fields.UUID(load_default=None)
    client_id = fields.UUID(load_default=None)


class ClientIdsSchema(Schema):
    client_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(0, 200))


class NeighboursSchema(Schema):
    client_id = fields.UUID(required=True)
    next = fields.Nested(AppointmentSchema, required=True, allow_none=True)
    last = fields.Nested(AppointmentSchema, required=True, allow_none=True)
