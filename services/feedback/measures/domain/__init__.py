"""Measures: what a questionnaire asks, which answers it takes, and how a total is made of them."""

from services.feedback.measures.domain.checking import check_definition
from services.feedback.measures.domain.licences import Context, Licence, LicenceClass
from services.feedback.measures.domain.model import (
    Construct,
    Fill,
    Frequency,
    Item,
    Kind,
    LeavesOut,
    Measure,
    Method,
    MissingRule,
    Moment,
    Option,
    Rhythm,
    Scoring,
    ShownWhen,
    ShownWhenAny,
    Side,
    Subscale,
)
from services.feedback.measures.domain.reading import MeasureMalformed, read_measure
from services.feedback.measures.domain.shape import Problem
from services.feedback.measures.domain.wording import ItemWording, Wording, content_hash, with_wording, wording_of

__all__ = [
    "Construct",
    "Context",
    "Fill",
    "Frequency",
    "Item",
    "ItemWording",
    "Kind",
    "LeavesOut",
    "Licence",
    "LicenceClass",
    "Measure",
    "MeasureMalformed",
    "Method",
    "MissingRule",
    "Moment",
    "Option",
    "Problem",
    "Rhythm",
    "Scoring",
    "ShownWhen",
    "ShownWhenAny",
    "Side",
    "Subscale",
    "Wording",
    "check_definition",
    "content_hash",
    "read_measure",
    "with_wording",
    "wording_of",
]
