"""Events of the others, as far as this service reads them; whatever else they say is left aside."""

from marshmallow import fields, validate

from shared.fields import IncomingEvent, UtcTime


class ClientRegistered(IncomingEvent):
    client_id = fields.UUID(required=True)
    spoken_code = fields.String(required=True, validate=validate.Length(max=16))
    registered_at = UtcTime(required=True)


class ConsentRecorded(IncomingEvent):
    """`purpose` may be one this version does not know: it is kept, and never taken for another."""

    client_id = fields.UUID(required=True)
    purpose = fields.String(required=True, validate=validate.Length(max=64))
    state = fields.String(required=True, validate=validate.Length(max=64))
    recorded_at = UtcTime(required=True)


class ClientAllocated(IncomingEvent):
    client_id = fields.UUID(required=True)
    allocation_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    allocated_at = UtcTime(required=True)


class TherapyEnded(IncomingEvent):
    client_id = fields.UUID(required=True)
    allocation_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    ended_at = UtcTime(required=True)


class DeputyNamed(IncomingEvent):
    deputising_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    deputy_id = fields.UUID(required=True)
    begins_at = UtcTime(required=True)
    ends_at = UtcTime(required=True)


class DeputyEnded(IncomingEvent):
    deputising_id = fields.UUID(required=True)
    ended_at = UtcTime(required=True)


class AppointmentEvent(IncomingEvent):
    """An hour, whatever became of it."""

    appointment_id = fields.UUID(required=True)
    client_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    modality = fields.String(required=True, validate=validate.Length(max=32))
    starts_at = UtcTime(required=True)
    ends_at = UtcTime(required=True)


class AppointmentCancelled(AppointmentEvent):
    """`late`: by the client, less than a day before, and not waived."""

    late = fields.Boolean(load_default=False)


class AppointmentReopened(AppointmentEvent):
    status = fields.String(load_default="booked", validate=validate.Length(max=64))
