"""Supervision: who supervises whom, and the weekly pack of a therapist's work, without names."""
