"""A further signal of a session: a short line with its rule."""

from dataclasses import dataclass

BETWEEN_THE_TWO = frozenset({"S7", "S7b"})


@dataclass(frozen=True, slots=True)
class SignalLine:
    """A further signal of the last session: a short line with its rule."""

    sentence: str
    next_step: str
    rule: str
