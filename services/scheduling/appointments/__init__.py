"""Appointments: booked, marked, taken back, moved; and whom and what they keep busy."""
