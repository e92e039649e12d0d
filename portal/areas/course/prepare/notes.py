"""Reads the form about an episode into a note as the feedback service takes it."""

from datetime import date
from typing import Any

from portal.kit.forms import Filled
from portal.kit.wording.follow_up import NOT_YET, TRIED

_HELD, _NOT_YET = "held", "not_yet"
TALKED = ((_HELD, "Yes, on the day below"), (_NOT_YET, "Not yet"))


def read_note(filled: Filled, today: date) -> dict[str, Any]:
    """The note; problems are kept with the form."""
    note: dict[str, Any] = {"tried": [code for code in TRIED if filled.get(f"tried_{code}")]}
    talked = filled.get("talked")
    if talked == _HELD:
        held_on = filled.day("held_on", "Enter the day on which you talked about it")
        if held_on and held_on > today:
            filled.refuse("held_on", "The day cannot lie in the future")
        note["held_on"] = held_on.isoformat() if held_on else None
    elif talked == _NOT_YET:
        note["not_yet"] = filled.choice("not_yet", NOT_YET, "Choose why not yet")
    elif not note["tried"]:
        filled.refuse("talked", "Say whether you talked about it, or what was tried")
    return note
