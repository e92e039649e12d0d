"""What scheduling publishes about appointments. The files in shared/contracts are the truth."""

from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, validate

from services.scheduling.appointments.domain.appointment import Appointment
from services.scheduling.appointments.domain.booking import Modality
from services.scheduling.appointments.domain.status import CANCELLED, REASONS, Attendance, Status
from shared.envelope import Event
from shared.events import EventData, checked


class AppointmentData(EventData):
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


def appointment_booked(appointment: Appointment, *, now: datetime) -> Event:
    return _about(appointment, "booked", BookedData, now, booked_at=now)


def appointment_moved(appointment: Appointment, *, previous_starts_at: datetime, now: datetime) -> Event:
    """An appointment was put somewhere else; without a new time only room or length changed."""
    return _about(appointment, "moved", MovedData, now, previous_starts_at=previous_starts_at, moved_at=now)


def appointment_marked(appointment: Appointment, *, now: datetime) -> Event:
    """What became of an appointment, told by the event that its status stands for."""
    status, attendance = appointment.status, appointment.attendance_code
    if status is Status.ARRIVED:
        return _about(appointment, "arrived", ArrivedData, now, arrived_at=now)
    if status is Status.COMPLETED:
        return _about(appointment, "held", HeldData, now, attendance_code=attendance, held_at=now)
    if status is Status.NO_SHOW:
        return _about(appointment, "missed", MissedData, now, attendance_code=attendance, missed_at=now)
    if status in CANCELLED:
        return _about(
            appointment,
            "cancelled",
            CancelledData,
            now,
            cancelled_by="clinic" if status is Status.CLINIC_CANCELLED else "client",
            late=appointment.late,
            reason_code=appointment.reason_code,
            cancelled_at=now,
        )
    raise ValueError(f"no event tells of the status {status}")


def appointment_reopened(appointment: Appointment, *, previous_status: Status, now: datetime) -> Event:
    """A change of status was taken back; `previous_status` is what no longer holds."""
    more = {"previous_status": previous_status, "status": appointment.status}
    return _about(appointment, "reopened", ReopenedData, now, **more, reopened_at=now)


def _about(appointment: Appointment, what: str, schema: type[Schema], now: datetime, **more: Any) -> Event:
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
    subject = f"appointment/{appointment.id}"
    kind = f"appointment.{what}.v1"
    event = Event("scheduling", kind, subject, appointment.client_id, appointment.version, now, data)
    return checked(schema, event)
