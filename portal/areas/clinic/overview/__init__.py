"""The clinic itself: its therapy rooms, and whom clients can turn to in a crisis."""
