"""Episodes: a rupture followed through, by people."""

from uuid import UUID

from services.feedback.alliance.commands import episodes
from services.feedback.alliance.domain.kept_episodes import (
    DateNotPossible,
    EpisodeChanged,
    EpisodeClosed,
    EpisodeNote,
    EpisodeNotReady,
    EpisodeUnknown,
    NotAnOwner,
    NoteNotYours,
    NoteRefused,
    NothingToWithdraw,
)
from services.feedback.alliance.queries import episodes as episode_queries
from services.feedback.alliance.schemas.episodes import (
    ClosingSchema,
    ConversationSchema,
    EpisodeNoteSchema,
    EpisodeSchema,
    EpisodesQuery,
    ListedEpisodeSchema,
    OwnerSchema,
)
from services.feedback.routes import v1
from shared.contracts import access
from shared.fields import NothingSchema
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {
    EpisodeUnknown: 404,
    EpisodeClosed: 409,
    EpisodeNotReady: 409,
    EpisodeChanged: 412,
    NoteNotYours: 403,
    NothingToWithdraw: 409,
    DateNotPossible: 422,
    NotAnOwner: 422,
    NoteRefused: 422,
}


@v1.get("/episodes")
@operation("List episodes", permits=access.CASELOAD, query=EpisodesQuery, gives=ListedEpisodeSchema, paged=True)
def get_episodes(call: Call) -> ApiResponse:
    """Of one's own courses, for leads all, oldest first; among the closed those a correction left nothing of."""
    found = episode_queries.list_episodes(
        call.tx, **call.query, after=call.page.after, limit=call.page.one_more, **call.context
    )
    return call.page_of(found, lambda one: (one.episode.opened_at.isoformat(), str(one.episode.id)))


@v1.post("/episodes/<uuid:episode_id>/notes")
@operation(
    "Note what became of an episode",
    permits=access.CARE_WORK,
    takes=EpisodeNoteSchema,
    gives=EpisodeSchema,
    needs_version=True,
)
def post_note(call: Call, episode_id: UUID) -> ApiResponse:
    """Talked about on a day, or not yet and why; and what was tried, which adds up."""
    note = EpisodeNote(call.body["held_on"], call.body["not_yet"], tuple(dict.fromkeys(call.body["tried"])))
    return call.versioned(episodes.note_episode(call.tx, episode_id, note, **call.edit))


@v1.post("/episodes/<uuid:episode_id>/withdrawal")
@operation(
    "Take the last note back", permits=access.CARE_WORK, takes=NothingSchema, gives=EpisodeSchema, needs_version=True
)
def post_withdrawal(call: Call, episode_id: UUID) -> ApiResponse:
    """Within a day of it; what the notes before it said counts again."""
    return call.versioned(episodes.withdraw_last_note(call.tx, episode_id, **call.edit))


@v1.post("/episodes/<uuid:episode_id>/owner")
@operation(
    "Hand an episode over", permits=access.FOLLOWING_THROUGH, takes=OwnerSchema, gives=EpisodeSchema, needs_version=True
)
def post_owner(call: Call, episode_id: UUID) -> ApiResponse:
    """To the lead who takes it on, or back to its practitioner; owning opens no file."""
    return call.versioned(episodes.hand_over(call.tx, episode_id, call.body["owner_id"], **call.edit))


@v1.post("/episodes/<uuid:episode_id>/conversation")
@operation(
    "Note that it was talked about",
    permits=access.CARE_WORK,
    takes=ConversationSchema,
    gives=EpisodeSchema,
    needs_version=True,
)
def post_conversation(call: Call, episode_id: UUID) -> ApiResponse:
    """The day the two of them talked; it may be noted again with another day."""
    return call.versioned(episodes.hold_conversation(call.tx, episode_id, call.body["held_on"], **call.edit))


@v1.post("/episodes/<uuid:episode_id>/closing")
@operation(
    "Close an unrepaired episode",
    permits=access.CARE_WORK,
    takes=ClosingSchema,
    gives=EpisodeSchema,
    needs_version=True,
)
def post_closing(call: Call, episode_id: UUID) -> ApiResponse:
    """With a reason; from here on a new usual range is learnt."""
    return call.versioned(episodes.close_episode(call.tx, episode_id, call.body["reason"], **call.edit))
