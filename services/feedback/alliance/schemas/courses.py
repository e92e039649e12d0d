"""How good the data behind a reading are, and second views for display, over HTTP."""

from typing import Any

from marshmallow import Schema, fields

from services.feedback.alliance.domain.quality import Quality


class SentenceSchema(Schema):
    template = fields.String()
    params = fields.Dict()


class QualitySchema(Schema):
    """Sessions compared with, sessions so far without an answer, and what else there is to know of the data."""

    n = fields.Integer()
    gaps = fields.Integer()
    late_entry = fields.Boolean()
    notes = fields.List(fields.Nested(SentenceSchema))


class SplitSchema(Schema):
    """A total as this client's mean so far and the distance from it, in points."""

    between = fields.Float()
    within = fields.Float()


class LimitsSchema(Schema):
    """The individuals chart, from five sessions on; a second view that moves no state."""

    n = fields.Integer()
    center = fields.Float()
    lower = fields.Float()
    upper = fields.Float()
    moving_range_upper = fields.Float()


def in_short(quality: Quality) -> dict[str, Any]:
    """What every signal carries of it."""
    return {"n": quality.n, "gaps": quality.gaps, "late_entry": quality.late_entry}
