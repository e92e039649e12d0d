"""
Scheduling: when and where.

Owns: practitioners and rooms as things that can be busy, appointments, weekly series, attendance.
Knows clients by id and spoken code alone; no name ever enters here.
Publishes: practitioner.added, appointment.booked, .moved, .arrived, .held, .missed, .cancelled, .reopened.
Listens to: intake's client.registered, client.allocated, therapy.ended.
"""
