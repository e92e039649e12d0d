"""What scheduling tells the others: ids, codes, times and states. The files in shared/contracts are the truth."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import RAISE, Schema, fields, validate

from services.scheduling.appointments.domain.appointment import Appointment
from services.scheduling.appointments.domain.booking import Modality
from services.scheduling.appointments.domain.cancelling import REASONS
from services.scheduling.appointments.domain.status import CANCELLED, Attendance, Status
from shared.envelope import Event

SERVICE = "scheduling"


class _Closed(Schema):
    class Meta:
        unknown = RAISE


class AppointmentData(_Closed):
    """What every event of an appointment says."""

    appointment_id = fields.UUID(required=True)
    client_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    type_code = fields.String(required=True, validate=validate.Regexp(r"^[a-z0-9][a-z0-9_]{0,31}\Z"))
    modality = fields.String(required=True, validate=validate.OneOf([m.value for m in Modality]))
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)


class BookedData(AppointmentData):
    booked_at = fields.AwareDateTime(required=True)


class MovedData(AppointmentData):
    previous_starts_at = fields.AwareDateTime(required=True)
    moved_at = fields.AwareDateTime(required=True)


class ArrivedData(AppointmentData):
    arrived_at = fields.AwareDateTime(required=True)


class HeldData(AppointmentData):
    attendance_code = fields.String(required=True, validate=validate.OneOf([a.value for a in Attendance]))
    held_at = fields.AwareDateTime(required=True)


class MissedData(AppointmentData):
    attendance_code = fields.String(required=True, validate=validate.OneOf([a.value for a in Attendance]))
    missed_at = fields.AwareDateTime(required=True)


class CancelledData(AppointmentData):
    cancelled_by = fields.String(required=True, validate=validate.OneOf(["client", "clinic"]))
    late = fields.Boolean(required=True)
    reason_code = fields.String(required=True, validate=validate.OneOf(list(REASONS)))
    cancelled_at = fields.AwareDateTime(required=True)


class ReopenedData(AppointmentData):
    previous_status = fields.String(required=True, validate=validate.OneOf([s.value for s in Status]))
    status = fields.String(required=True, validate=validate.OneOf([s.value for s in Status]))
    reopened_at = fields.AwareDateTime(required=True)


class PractitionerAddedData(_Closed):
    practitioner_id = fields.UUID(required=True)
    added_at = fields.AwareDateTime(required=True)


def appointment_booked(appointment: Appointment, *, now: datetime) -> Event:
    """An hour was agreed on."""
    return _about(appointment, "booked", BookedData(), {"booked_at": now}, now=now)


def appointment_moved(appointment: Appointment, *, previous_starts_at: datetime, now: datetime) -> Event:
    """An hour was put somewhere else; without a new time only room or length changed."""
    more = {"previous_starts_at": previous_starts_at, "moved_at": now}
    return _about(appointment, "moved", MovedData(), more, now=now)


def appointment_marked(appointment: Appointment, *, now: datetime) -> Event:
    """What became of an hour, told by the event that its status stands for."""
    status, attendance = appointment.status, appointment.attendance_code
    if status is Status.ARRIVED:
        return _about(appointment, "arrived", ArrivedData(), {"arrived_at": now}, now=now)
    if status is Status.COMPLETED:
        return _about(appointment, "held", HeldData(), {"attendance_code": attendance, "held_at": now}, now=now)
    if status is Status.NO_SHOW:
        return _about(appointment, "missed", MissedData(), {"attendance_code": attendance, "missed_at": now}, now=now)
    if status in CANCELLED:
        more = {
            "cancelled_by": "clinic" if status is Status.CLINIC_CANCELLED else "client",
            "late": appointment.late,
            "reason_code": appointment.reason_code,
            "cancelled_at": now,
        }
        return _about(appointment, "cancelled", CancelledData(), more, now=now)
    raise ValueError(f"no event tells of the status {status}")


def appointment_reopened(appointment: Appointment, *, previous_status: Status, now: datetime) -> Event:
    """A change of status was taken back; `previous_status` is what no longer holds."""
    more = {"previous_status": previous_status, "status": appointment.status, "reopened_at": now}
    return _about(appointment, "reopened", ReopenedData(), more, now=now)


def practitioner_added(practitioner_id: UUID, *, now: datetime) -> Event:
    """Somebody keeps a diary here from now on; told once."""
    return Event(
        service=SERVICE,
        kind="practitioner.added.v1",
        subject=f"practitioner/{practitioner_id}",
        key=practitioner_id,
        sequence=1,
        time=now,
        data=_checked(PractitionerAddedData(), {"practitioner_id": practitioner_id, "added_at": now}),
    )


def _about(appointment: Appointment, what: str, schema: Schema, more: Mapping[str, Any], *, now: datetime) -> Event:
    data = {
        "appointment_id": appointment.id,
        "client_id": appointment.client_id,
        "practitioner_id": appointment.practitioner_id,
        "type_code": appointment.type_code,
        "modality": appointment.modality,
        "starts_at": appointment.starts_at,
        "ends_at": appointment.ends_at,
        **more,
    }
    return Event(
        service=SERVICE,
        kind=f"appointment.{what}.v1",
        subject=f"appointment/{appointment.id}",
        key=appointment.client_id,
        sequence=appointment.version,
        time=now,
        data=_checked(schema, data),
    )


def _checked(schema: Schema, data: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = schema.dump(data)
    schema.load(shown)  # closed: an event that does not fit its own description is never published
    return shown
