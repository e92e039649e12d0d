"""Exports over HTTP: how one is asked for, and what is said about it."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.feedback.exports.domain.csv.columns import COLUMNS, VERSION
from services.feedback.exports.domain.csv.requests import CARE_REASONS, ROWS_AT_MOST, ExportReason, ExportRequest
from shared.fields import LocalDay, ResponseSchema

_LEFT_OUT = (
    "names and everything typed in words, wishes included",
    "answers that the client has not shared, or not yet; such a session is a line with its reason",
    "the therapist of a session: nobody is ranked",
    "readings and episodes that a correction took back",
)


class ExportQuery(Schema):
    reason = fields.String(
        required=True,
        validate=validate.OneOf([str(reason) for reason in ExportReason]),
        metadata={"description": "What the export is for; goes to the audit trail"},
    )
    first = fields.Date(data_key="from", load_default=None, metadata={"description": "First day of sessions"})
    last = fields.Date(data_key="to", load_default=None, metadata={"description": "Last day of sessions"})
    export = fields.UUID(
        load_default=None,
        metadata={
            "description": "Code of an export begun within a day: its files can be joined. Else a new one begins"
        },
    )
    client_id = fields.UUID(load_default=None, metadata={"description": "One own client alone"})

    @post_load
    def as_request(self, loaded: dict[str, Any], **_: Any) -> dict[str, ExportRequest]:
        reason = ExportReason(loaded["reason"])
        return {
            "request": ExportRequest(loaded["export"], reason, loaded["first"], loaded["last"], loaded["client_id"])
        }


class OneClientQuery(Schema):
    reason = fields.String(
        required=True,
        validate=validate.OneOf(sorted(str(reason) for reason in CARE_REASONS)),
        metadata={"description": "What it is for; goes to the audit trail"},
    )


class ColumnSchema(ResponseSchema):
    name = fields.String()
    kind = fields.String()
    unit = fields.String()
    values = fields.String()
    meaning = fields.String()


def _files(about: Any) -> list[dict[str, Any]]:
    return [
        {"name": f"{file}.csv", "rows": about.counts[file], "columns": ColumnSchema(many=True).dump(COLUMNS[file])}
        for file in COLUMNS
    ]


class AboutSchema(ResponseSchema):
    """What an export holds, and its data dictionary."""

    export = fields.UUID(attribute="code")
    tables_version = fields.Constant(VERSION)
    made_at = fields.AwareDateTime()
    reason = fields.String(attribute="request.reason")
    basis = fields.String(attribute="request.basis")
    first = fields.Date(attribute="request.first", data_key="from", allow_none=True)
    last = fields.Date(attribute="request.last", data_key="to", allow_none=True)
    rows_at_most = fields.Constant(ROWS_AT_MOST)
    clients = fields.Integer()
    files = fields.Function(_files)
    measures = fields.List(fields.Dict())
    rules = fields.List(fields.Dict())
    left_out = fields.Constant(list(_LEFT_OUT))


class CopiedAnswerSchema(ResponseSchema):
    """`question` and `in_words` are null where the licence of the measure keeps its words back."""

    item = fields.String()
    question = fields.String(allow_none=True)
    answer = fields.Raw()
    in_words = fields.String(allow_none=True)


class CopiedCheckInSchema(ResponseSchema):
    session_date = fields.Date()
    sent_at = fields.AwareDateTime()
    measure_id = fields.String()
    measure_version = fields.Integer()
    name = fields.String()
    label = fields.String()
    shared = fields.String()
    answers = fields.List(fields.Nested(CopiedAnswerSchema))


class CopiedWishSchema(ResponseSchema):
    """`text` is null for whoever the wish was not written to."""

    session_date = LocalDay(attribute="starts_at")
    text = fields.String(allow_none=True)
    readers = fields.String()
    state = fields.String()


class CopySchema(ResponseSchema):
    """`kept_back`: forms that the client does not share; they stay out of every copy that staff hand over."""

    client_id = fields.UUID()
    made_at = fields.AwareDateTime()
    check_ins = fields.List(fields.Nested(CopiedCheckInSchema))
    wishes = fields.List(fields.Nested(CopiedWishSchema))
    kept_back = fields.Integer()
