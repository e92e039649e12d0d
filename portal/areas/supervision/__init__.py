"""Supervision: the weekly packs, and who supervises whom."""
