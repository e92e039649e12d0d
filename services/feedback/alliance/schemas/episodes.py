"""Episodes, and what people note about them."""

from collections.abc import Iterable

from marshmallow import Schema, fields, validate

from services.feedback.alliance.domain.episodes import PERSONS_REASONS
from services.feedback.alliance.domain.kept_episodes import NOT_YET_REASONS, TRIED, KeptEpisode
from shared.fields import ResponseSchema, counted_day


def _days(episode: KeptEpisode) -> int | None:
    return None if episode.closed_at is None else (counted_day(episode.closed_at) - counted_day(episode.opened_at)).days


class EpisodeSchema(ResponseSchema):
    """`days` counts from its opening session to the session that closed it. No id: of a replay, kept nowhere."""

    id = fields.Function(lambda episode: str(episode.id) if episode.version else None)
    version = fields.Integer()
    state = fields.String()
    opened_session = fields.Integer()
    closed_session = fields.Integer(allow_none=True)
    opened_at = fields.AwareDateTime()
    closed_at = fields.AwareDateTime(allow_none=True)
    close_reason = fields.String(allow_none=True)
    late = fields.Boolean()
    opened_by = fields.List(fields.String())
    lead_in_session = fields.Integer(allow_none=True)
    m_pre = fields.Float(allow_none=True)
    lowest = fields.Float(allow_none=True)
    verdict = fields.String(allow_none=True)
    conversation_held_on = fields.Date(allow_none=True)
    not_yet = fields.String(allow_none=True)
    tried = fields.List(fields.String())
    owner_id = fields.UUID(attribute="followed_by")
    closed_by = fields.String(
        allow_none=True, metadata={"description": "answers, correction, ending or person; null while it is open"}
    )
    closed_by_id = fields.UUID(allow_none=True)
    undo_until = fields.AwareDateTime(
        allow_none=True, metadata={"description": "Until when the last note can be taken back; null without one"}
    )
    sessions = fields.Integer(attribute="checkins")
    days = fields.Function(_days)


class ListedEpisodeSchema(ResponseSchema):
    """An episode in a list across clients."""

    client_id = fields.UUID(attribute="episode.client_id")
    spoken_code = fields.String()
    practitioner_id = fields.UUID(attribute="episode.practitioner_id")
    episode = fields.Nested(EpisodeSchema)


class ConversationSchema(Schema):
    held_on = fields.Date(required=True)


def one_of(codes: Iterable[str]) -> validate.OneOf:
    return validate.OneOf(list(codes))


class EpisodesQuery(Schema):
    state = fields.String(load_default="open", validate=one_of(("open", "closed", "all")))
    practitioner_id = fields.UUID(load_default=None)


class EpisodeNoteSchema(Schema):
    """One of the first two at most; what was tried may be added to either, or stand alone."""

    held_on = fields.Date(load_default=None, allow_none=True)
    not_yet = fields.String(load_default=None, allow_none=True, validate=one_of(NOT_YET_REASONS))
    tried = fields.List(
        fields.String(validate=one_of(TRIED)), load_default=list, validate=validate.Length(max=len(TRIED))
    )


class OwnerSchema(Schema):
    owner_id = fields.UUID(required=True)


class ClosingSchema(Schema):
    reason = fields.String(required=True, validate=validate.OneOf(sorted(PERSONS_REASONS)))
