"""Handing a client their form, and the therapist's own impression."""
