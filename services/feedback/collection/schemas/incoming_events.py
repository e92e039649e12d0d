"""Events of the others, as far as this service reads them; whatever else they say is left aside."""

from marshmallow import EXCLUDE, Schema, fields, validate

from shared.fields import UtcTime


class _Heard(Schema):
    class Meta:
        unknown = EXCLUDE


class ClientRegisteredHeard(_Heard):
    client_id = fields.UUID(required=True)
    spoken_code = fields.String(required=True, validate=validate.Length(max=16))
    registered_at = UtcTime(required=True)


class ConsentRecordedHeard(_Heard):
    """`purpose` may be one this version does not know: it is kept, and never taken for another."""

    client_id = fields.UUID(required=True)
    purpose = fields.String(required=True, validate=validate.Length(max=64))
    state = fields.String(required=True, validate=validate.Length(max=64))
    recorded_at = UtcTime(required=True)


class ClientAllocatedHeard(_Heard):
    client_id = fields.UUID(required=True)
    allocation_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    allocated_at = UtcTime(required=True)


class TherapyEndedHeard(_Heard):
    client_id = fields.UUID(required=True)
    allocation_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    ended_at = UtcTime(required=True)


class HourHeard(_Heard):
    """An hour, whatever became of it."""

    appointment_id = fields.UUID(required=True)
    client_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    modality = fields.String(required=True, validate=validate.Length(max=32))
    starts_at = UtcTime(required=True)
    ends_at = UtcTime(required=True)


class CancelledHeard(HourHeard):
    """`late`: by the client, less than a day before, and not waived."""

    late = fields.Boolean(load_default=False)


class ReopenedHeard(HourHeard):
    status = fields.String(load_default="booked", validate=validate.Length(max=64))
