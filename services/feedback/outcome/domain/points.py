"""Totals of one outcome measure in one treatment."""

from typing import NamedTuple


class Scored(NamedTuple):
    """A total at a session; `number` counts the sessions of the treatment from 1, `total` in points."""

    number: int
    total: float
