"""Episodes: a rupture followed through, by people."""

from uuid import UUID

from services.feedback.api.door import CLINICAL, v1
from services.feedback.commands import caring
from services.feedback.domain import refusals
from services.feedback.schemas import asked, told
from shared.web.operation import Answer, Call, operation

ERRORS: dict[type[Exception], int] = {
    refusals.EpisodeUnknown: 404,
    refusals.EpisodeClosed: 409,
    refusals.EpisodeNotReady: 409,
    refusals.EpisodeChanged: 412,
    refusals.DateNotPossible: 422,
}


@v1.post("/episodes/<uuid:episode_id>/conversation")
@operation(
    "Note that it was talked about",
    permits=CLINICAL,
    takes=asked.ConversationSchema,
    gives=told.EpisodeSchema,
    needs_version=True,
)
def post_conversation(call: Call, episode_id: UUID) -> Answer:
    """The day the two of them talked; it may be noted again with another day."""
    assert call.expected_version is not None
    episode = caring.hold_conversation(
        call.tx,
        episode_id,
        call.body["held_on"],
        expected_version=call.expected_version,
        scope=call.scope,
        now=call.now,
    )
    return call.ok(episode, version=episode.version)


@v1.post("/episodes/<uuid:episode_id>/closing")
@operation(
    "Close an unrepaired episode",
    permits=CLINICAL,
    takes=asked.ClosingSchema,
    gives=told.EpisodeSchema,
    needs_version=True,
)
def post_closing(call: Call, episode_id: UUID) -> Answer:
    """With a reason; from here on a new usual range is learnt."""
    assert call.expected_version is not None
    episode = caring.close_episode(
        call.tx,
        episode_id,
        call.body["reason"],
        expected_version=call.expected_version,
        scope=call.scope,
        now=call.now,
    )
    return call.ok(episode, version=episode.version)
