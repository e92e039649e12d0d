"""Plans as they are asked and told."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.feedback.collection.domain.plan import MOST_ENTRIES, MOST_SESSIONS, ClientPlan, Plan, PlanEntry, Way
from services.feedback.measures.domain import Rhythm
from shared.fields import YesOrNo

MOST_HOURS = 72  # for reading a risk answer; ours


def _measure_id() -> fields.String:
    return fields.String(required=True, validate=validate.Regexp(r"[a-z0-9][a-z0-9-]{0,63}\Z"))


class PlanEntrySchema(Schema):
    """One measure; `every` and `begin` (sessions, from 1) matter for every_n_sessions alone."""

    measure_id = _measure_id()
    rhythm = fields.String(
        load_default=Rhythm.EVERY_SESSION, validate=validate.OneOf([str(rhythm) for rhythm in Rhythm])
    )
    every = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, MOST_SESSIONS))
    begin = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, MOST_SESSIONS))
    way = fields.String(load_default=Way.FORM, validate=validate.OneOf([str(way) for way in Way]))

    @post_load
    def entry(self, data: dict[str, Any], **_: Any) -> PlanEntry:
        return PlanEntry(**data | {"rhythm": Rhythm(data["rhythm"]), "way": Way(data["way"])})


class PlanSchema(Schema):
    """The clinic's plan; reminders may be switched off, `risk_due_hours` is the clinic's own (24 is ours)."""

    entries = fields.List(fields.Nested(PlanEntrySchema), required=True, validate=validate.Length(max=MOST_ENTRIES))
    reminders = YesOrNo(load_default=True)
    risk_due_hours = fields.Integer(strict=True, load_default=24, validate=validate.Range(1, MOST_HOURS))
    version = fields.Integer(dump_only=True)

    @post_load
    def plan(self, data: dict[str, Any], **_: Any) -> Plan:
        return Plan(**data | {"entries": tuple(data["entries"])})


class ClientPlanSchema(Schema):
    """What one client's plan does differently; sessions from `last_session_on` on count as the last one."""

    added = fields.List(fields.Nested(PlanEntrySchema), load_default=list, validate=validate.Length(max=MOST_ENTRIES))
    left_out = fields.List(_measure_id(), load_default=list, validate=validate.Length(max=MOST_ENTRIES))
    last_session_on = fields.Date(load_default=None, allow_none=True)
    version = fields.Integer(dump_only=True)

    @post_load
    def plan(self, data: dict[str, Any], **_: Any) -> ClientPlan:
        return ClientPlan(tuple(data["added"]), frozenset(data["left_out"]), data["last_session_on"])
