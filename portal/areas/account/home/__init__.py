"""The first page after the door."""
