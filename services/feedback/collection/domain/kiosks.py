"""Kiosks: tablets in the clinic on which a one-time code from the desk opens a client's forms."""

from datetime import datetime, timedelta

# All ours: long enough to walk over from the desk, short enough that a slip of paper is worth nothing later.
CODE_LIFE = timedelta(minutes=30)
CODE_DIGITS = 6
WRONG_IN_A_ROW = 5
PAUSE = timedelta(minutes=10)


class KioskUnknown(Exception):
    """The device is not enrolled, or no longer."""


class KioskPaused(Exception):
    """Too many wrong codes: this device pauses for a few minutes."""


class CodeWrong(Exception):
    """The code opens nothing: mistyped, used, or too old. The desk can make a new one."""


def after_a_wrong_code(wrong_in_a_row: int, *, now: datetime) -> tuple[int, datetime | None]:
    """
    Wrong codes in a row on one device after one more, and until when it pauses; None: not yet.

    Six digits are guessed by patience alone: five tries in ten minutes on a device that
    stands in sight of the desk are 720 of a million in a day.
    """
    wrong = wrong_in_a_row + 1
    return (0, now + PAUSE) if wrong >= WRONG_IN_A_ROW else (wrong, None)


def is_paused(paused_until: datetime | None, *, now: datetime) -> bool:
    """Tell whether a device takes no code at this moment, right or wrong."""
    return paused_until is not None and now < paused_until
