"""Reading a definition file: one measure, one version, no code."""

from collections.abc import Mapping
from typing import Any

from services.feedback.measures.domain.building import build
from services.feedback.measures.domain.checking import check_definition
from services.feedback.measures.domain.model import Measure


class MeasureMalformed(ValueError):
    """A definition file cannot be used; the message names the measure and all that is wrong."""


def read_measure(definition: Mapping[str, Any]) -> Measure:
    """
    Build a measure from its definition file.

    Raises:
        MeasureMalformed: the check finds something wrong with it.
    """
    problems = check_definition(definition)
    if problems:
        found = "; ".join(f"{problem.path}: {problem.sentence}" for problem in problems)
        raise MeasureMalformed(f"{definition.get('id', 'a measure')}: {found}")
    return build(definition)
