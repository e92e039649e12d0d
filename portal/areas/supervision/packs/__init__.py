"""Supervision: the weekly pack of one therapist's work, and who supervises whom."""
