"""Shapes of practitioners and rooms, as they come in (closed) and go out."""

from marshmallow import Schema, fields, validate


class PractitionerSchema(Schema):
    id = fields.UUID(required=True)
    zone = fields.String(required=True)


class PractitionerDiarySchema(Schema):
    zone = fields.String(required=True, validate=validate.Length(1, 64))


class RoomSchema(Schema):
    id = fields.UUID(required=True)
    label = fields.String(required=True)


class NewRoomSchema(Schema):
    label = fields.String(required=True, validate=[validate.Length(1, 64), validate.Regexp(r"^\S(.*\S)?\Z")])
