"""The trail over HTTP, the same for every service: who looked at one person, and what one person looked at."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import Blueprint
from marshmallow import Schema, fields, validate

from shared.access import Rule
from shared.database import Tx
from shared.fields import UtcTime
from shared.scope import Scope
from shared.security import audit
from shared.security.audit import trail, unusual
from shared.web.operation import ApiResponse, Call, operation
from shared.web.problems import NotFound

_KEPT = timedelta(days=90)  # what stood out is shown for so long


class TrailQuery(Schema):
    """A part of the trail: the newest entries before a moment."""

    before = UtcTime(load_default=lambda: datetime.max.replace(tzinfo=UTC))
    most = fields.Integer(load_default=100, validate=validate.Range(1, 200))


class TrailEntrySchema(Schema):
    """Who, in which role, what for, and what: names of fields, never values."""

    at = fields.AwareDateTime()
    actor = fields.String()
    roles = fields.List(fields.String())
    purpose = fields.String()
    action = fields.String()
    about_count = fields.Integer()
    fields_ = fields.List(fields.String(), attribute="fields", data_key="fields")
    trace_id = fields.String()


class FindingSchema(Schema):
    """What stood out, in one hour."""

    actor = fields.String()
    kind = fields.String()
    hour = fields.AwareDateTime()
    number = fields.Integer()


def add_trail(
    blueprint: Blueprint, *, of_one: Rule, of_staff: Rule, is_open: Callable[[Tx, Scope, UUID], bool]
) -> None:
    """
    Let a service be asked for its trail.

    Args:
        blueprint: Its API.
        of_one: The rule for asking who looked at one person.
        of_staff: The rule for asking what a member of staff looked at, and what stood out.
        is_open: Tells whether the asker stands to a person as `of_one` wants it.
    """

    @blueprint.get("/trail/about/<uuid:subject_id>")
    @operation("Who saw this person", permits=of_one, query=TrailQuery, gives=TrailEntrySchema, lists=True)
    def get_trail_about(call: Call, subject_id: UUID) -> ApiResponse:
        """The newest first; without what the program did by itself."""
        if not is_open(call.tx, call.scope, subject_id):
            raise NotFound("There is nobody of this id.")
        audit.record(call.tx, call.scope, "trail.read", about=[subject_id], fields=["trail"], now=call.now)
        return call.items(trail.about(call.tx, subject_id, **call.query))

    @blueprint.get("/trail/by/<uuid:actor_id>")
    @operation(
        "What this member of staff looked at", permits=of_staff, query=TrailQuery, gives=TrailEntrySchema, lists=True
    )
    def get_trail_by(call: Call, actor_id: UUID) -> ApiResponse:
        """The newest first: actions and how many people they were about, no content."""
        audit.record(call.tx, call.scope, "trail.of_staff_read", about=[actor_id], fields=["trail"], now=call.now)
        return call.items(trail.by(call.tx, actor_id, **call.query))

    @blueprint.get("/trail/unusual")
    @operation("What stood out", permits=of_staff, gives=FindingSchema, lists=True)
    def get_unusual(call: Call) -> ApiResponse:
        """Of the last 90 days, the newest first; a sign to look, no verdict."""
        return call.items(unusual.noted_unusual(call.tx, after=call.now - _KEPT))
