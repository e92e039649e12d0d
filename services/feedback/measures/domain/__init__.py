"""Measures: what a questionnaire asks, which answers it takes, and how a total is made of them."""

from services.feedback.measures.domain.building import build
from services.feedback.measures.domain.checking import Problem, contradictions
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
    "build",
    "content_hash",
    "contradictions",
    "with_wording",
    "wording_of",
]
