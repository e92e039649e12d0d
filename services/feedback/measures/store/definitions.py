"""The measures this service knows: definition files that ship with it, one per measure and version."""

import json
from functools import cache
from importlib.resources import files

from services.feedback.measures.domain import Construct, Measure, Side, with_wording
from services.feedback.measures.domain.model import MeasureUnknown
from services.feedback.measures.store.definition_files import read_measure
from services.feedback.measures.store.wordings import wordings
from shared.database import Tx
from shared.scope import Scope

CLIENT_FORM, THERAPIST_FORM = "session-checkin", "session-checkin-mirror"
OUTCOME = frozenset({Construct.OUTCOME, Construct.WELLBEING, Construct.FUNCTIONING, Construct.GOALS})


@cache
def _all() -> dict[tuple[str, int], tuple[Measure, str]]:
    folder = files("services.feedback.measures").joinpath("registry")
    texts = [file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".json")]
    found = sorted(((read_measure(json.loads(text)), text) for text in texts), key=lambda m: (m[0].id, m[0].version))
    return {(measure.id, measure.version): (measure, text) for measure, text in found}


@cache
def measures() -> dict[str, Measure]:
    """The newest version of every measure by id, as it ships: without words that a clinic brought."""
    return {measure.id: measure for measure, _ in _all().values()}


def measure(measure_id: str, version: int) -> Measure:
    """
    One version of a measure: what was taken with it is scored and labelled by it for good.

    Raises:
        MeasureUnknown: no such measure, or no such version of it.
    """
    found = _all().get((measure_id, version))
    if found is None:
        raise MeasureUnknown("There is no such measure, or no such version of it.")
    return found[0]


def worded(tx: Tx, scope: Scope, measure_id: str, version: int, language: str | None = None) -> Measure:
    """
    One version of a measure with the words the clinic brought, as a form shows it.

    In this language if there are words in it, else in English or whichever there is;
    without words where the clinic brought none.

    Raises:
        MeasureUnknown.
    """
    found = measure(measure_id, version)
    if found.has_wording:
        return found
    brought = {kept.language: kept.wording for kept in wordings(tx, scope, measure_id, version)}
    words = brought.get(language or "en") or brought.get("en") or next(iter(brought.values()), None)
    return with_wording(found, words) if words else found


def source_of(measure: Measure) -> str:
    """The definition file that a measure was read from."""
    return _all()[measure.id, measure.version][1]


@cache
def outcome_measures() -> dict[str, Measure]:
    """The newest version of every measure by id that a client fills in about how they are, not about the therapy."""
    return {m.id: m for m in measures().values() if m.side is Side.CLIENT and m.construct in OUTCOME}


@cache
def outcome_versions() -> tuple[Measure, ...]:
    """Every version of the outcome measures."""
    return tuple(m for m, _ in _all().values() if m.id in outcome_measures())


def form_for(side: Side) -> Measure:
    """The form that a side fills in after a session."""
    return measures()[CLIENT_FORM if side is Side.CLIENT else THERAPIST_FORM]
