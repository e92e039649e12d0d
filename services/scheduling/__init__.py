"""
Scheduling: when and where.

Owns: practitioners and rooms as things that can be busy, appointments, weekly series, attendance.
Knows clients by id and spoken code alone; no name ever enters here.
Publishes: practitioner.added, appointment.booked, .moved, .arrived, .held, .missed, .cancelled, .reopened.
Slices, low to high: resources, care, appointments, availability, series; each knows those before it.
Listens to: intake's client.registered, client.allocated, therapy.ended.
"""
