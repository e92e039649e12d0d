"""Shapes of people, as they come in (closed) and go out; rules about the values live in the domain."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.intake.people.domain.clients import ClientState
from services.intake.people.domain.person import Person

IDS_MAX = 200
# Bounds on what is read at all; the domain has the finer limits and the words for them.
_LINE = validate.Length(max=400)
TEXT = validate.Length(max=4000)


class PersonSchema(Schema):
    """Who somebody is and how to reach them."""

    given_name = fields.String(required=True, validate=_LINE, metadata={"description": "1-100 characters"})
    family_name = fields.String(required=True, validate=_LINE, metadata={"description": "1-100 characters"})
    preferred_name = fields.String(
        load_default=None, allow_none=True, validate=_LINE, metadata={"description": "What they want to be called"}
    )
    birth_date = fields.Date(required=True, metadata={"description": "1900-01-01 to today"})
    phone = fields.String(load_default=None, allow_none=True, validate=_LINE)
    email = fields.String(load_default=None, allow_none=True, validate=_LINE)
    contact_note = fields.String(
        load_default=None,
        allow_none=True,
        validate=TEXT,
        metadata={"description": "How to reach them safely; up to 2,000 characters"},
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Person:
        return Person(**data)


class LookUpSchema(Schema):
    """Whose names are wanted."""

    ids = fields.List(fields.UUID(), required=True, validate=validate.Length(max=IDS_MAX))


class EmergencySchema(Schema):
    """Whom an emergency is about, by the code that is said on the phone."""

    spoken_code = fields.String(required=True, validate=validate.Length(1, 16))


class SearchSchema(Schema):
    """What somebody at the desk types: whole words of a name, a spoken code, a phone number, an e-mail address."""

    text = fields.String(required=True, validate=validate.Length(min=1, max=300))


class ClientsQuerySchema(Schema):
    """Which clients are wanted."""

    state = fields.Enum(ClientState, by_value=True, load_default=None)
    practitioner_id = fields.UUID(load_default=None)


class ClientSchema(Schema):
    """A client without their name."""

    client_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    spoken_code = fields.String(required=True)
    state = fields.Enum(ClientState, by_value=True, required=True)
    practitioner_id = fields.UUID(required=True, allow_none=True)
    since = fields.AwareDateTime(required=True, metadata={"description": "When they entered this state"})


class IdentitySchema(Schema):
    """Who the client is and how to reach them."""

    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    preferred_name = fields.String(required=True, allow_none=True)
    birth_date = fields.Date(required=True)
    phone = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    contact_note = fields.String(required=True, allow_none=True)


class NamedClientSchema(Schema):
    """An id with the name that belongs to it."""

    client_id = fields.UUID(required=True)
    spoken_code = fields.String(required=True)
    display_name = fields.String(required=True)
