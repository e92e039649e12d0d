"""Booking an hour, or a weekly series."""
