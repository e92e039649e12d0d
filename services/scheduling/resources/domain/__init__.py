"""Practitioners, rooms, and the zones in which appointments are promised. Pure functions only."""
