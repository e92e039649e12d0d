"""Which measures there are, how far each is from being used, and what is known of it."""

from dataclasses import dataclass

from services.feedback.measures.domain import Measure
from services.feedback.measures.domain.imports import Status, status_of
from services.feedback.measures.domain.model import MeasureUnknown
from services.feedback.measures.store import definitions, wordings
from services.feedback.measures.store.wordings import KeptWording
from shared.database import Tx
from shared.scope import Scope


@dataclass(frozen=True, slots=True)
class MeasureView:
    """A measure as the clinic has it: with the words it brought, if it brought any."""

    measure: Measure
    status: Status
    languages: tuple[str, ...]
    wordings: tuple[KeptWording, ...] = ()


def registry(tx: Tx, *, scope: Scope) -> list[MeasureView]:
    """The newest version of every measure, without words: what it is about, how it is scored, how far it is."""
    brought = wordings.worded_measures(tx, scope)
    return [
        _listed(measure, brought.get((measure.id, measure.version), [])) for measure in definitions.measures().values()
    ]


def measure(tx: Tx, measure_id: str, *, scope: Scope) -> MeasureView:
    """One measure with its words; raises MeasureUnknown."""
    newest = definitions.measures().get(measure_id)
    if newest is None:
        raise MeasureUnknown("There is no such measure.")
    kept = tuple(wordings.wordings(tx, scope, newest.id, newest.version))
    shown = definitions.worded(tx, scope, newest.id, newest.version)
    languages = newest.languages or tuple(one.language for one in kept)
    return MeasureView(shown, status_of(shown), languages, kept)


def _listed(measure: Measure, languages: list[str]) -> MeasureView:
    status = Status.READY if languages else status_of(measure)
    return MeasureView(measure, status, measure.languages or tuple(languages))
