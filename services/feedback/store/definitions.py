"""The measures this service knows: definition files that ship with it."""

import json
from functools import cache
from importlib.resources import files

from services.feedback.domain.measures import Measure, Side, read_measure

CLIENT_FORM, THERAPIST_FORM = "session-checkin", "session-checkin-mirror"


@cache
def measures() -> dict[str, Measure]:
    """All measures by id; read once a process."""
    folder = files("services.feedback").joinpath("measures")
    found = [read_measure(json.loads(f.read_text())) for f in folder.iterdir() if f.name.endswith(".json")]
    return {measure.id: measure for measure in found}


def form_for(side: Side) -> Measure:
    """The form that a side fills in after a session."""
    return measures()[CLIENT_FORM if side is Side.CLIENT else THERAPIST_FORM]
