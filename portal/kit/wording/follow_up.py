"""Words for what follows from a reading: noting, preparing, reaching out, ending. Our own, and no instrument's."""

from portal.kit.wording.codes import CLOSING_REASONS, word

TRIED = {
    "asked_openly": "Asked openly how the two of us are doing",
    "named_own_part": "Named my own part in it",
    "slowed_down": "Slowed down and stayed with it",
    "clarified_a_misunderstanding": "Cleared up a misunderstanding",
    "went_back_to_goals": "Went back to what matters to them",
    "changed_the_way_of_working": "Changed the way of working",
    "apologised": "Said sorry",
    "brought_to_supervision": "Brought it to supervision",
    "nothing_yet": "Nothing yet",
}
NOT_YET = {
    "not_met_since": "We have not met since",
    "another_matter_came_first": "Another matter came first",
    "client_would_rather_not": "They would rather not, for now",
    "supervision_first": "Supervision first",
    "unsure_how": "Not sure how to begin",
}
WISH_WORDS = {
    "open": "Not asked about yet.",
    "done": "They say the wish has been met.",
    "better": "They say it is better.",
    "not_yet": "They say: not yet. Worth returning to.",
    "replaced": "A new wish took its place.",
}
# How a wish reads to the one who wrote it.
OWN_WISH_WORDS = {
    "open": "We have not come back to it yet.",
    "done": "You said it has been done.",
    "better": "You said it is better.",
    "not_yet": "You said: not yet.",
    "replaced": "You wrote a new wish after it.",
}
OWN_SAID = {"yes": "there was strain", "a_little": "there was a little strain", "no": "there was no strain"}
SHARING = {
    "not_shared": "They chose not to share this time. That is their right, and needs no explanation.",
    "shared_later": "Answers arrive after the session.",
    "consent_withdrawn": "This client no longer wishes to fill in check-ins. None will be offered.",
    "awaited": "The check-in for the last session has not come back yet.",
}
CLOSED_BY = {
    "answers": "Closed by their answers.",
    "correction": "A correction left nothing of it.",
    "ending": "Closed as the work of these two ended.",
    "person": "Closed by a person",
}
NOT_NOW = {
    "in_contact_already": "We are in contact already",
    "agreed_pause": "A pause was agreed",
    "would_rather_not": "They would rather not be contacted",
    "other": "Another reason",
}
# To be changed by whoever sends it; nothing of it is kept here.
DRAFT = (
    "Hello, this is a short note from {therapist}.\n\n"
    "I have been thinking of you. You are welcome here, however things are, and there is nothing you need to explain. "
    "If something in our sessions was not right for you, I would be glad to hear it.\n\n"
    "If you would like to meet, tell me a day that suits you, or simply say that you would rather not for now.\n\n"
    "With warm wishes"
)
REACH_OUT = "On the reach-out list because:"
REACH_OUT_DRAFT = "A few warm words may be enough; here is a draft you can change."
# What may be said to each other before an ending; ours.
NOT_SAID = (
    "Is there something that was important and that we have hardly spoken about?",
    "Is there something I did, or did not do, that you would have liked otherwise?",
    "What are you taking with you, and what are you leaving here?",
    "Is there something you wanted to thank for, complain about, or ask, and have not?",
    "What would you like to do, and whom to turn to, if it becomes hard again?",
)
CLIENT_LABEL = (
    "This is a help for conversation, not a test and not a validated questionnaire. Your answers are read only "
    "alongside your own earlier answers."
)
ENDING_REVIEW = "Suggested: compare goals, look at the curve together, ask what was not said."
WARM_WORD = "A warm closing word, without blame, may matter."


def closed_words(closed_by: str | None, reason: str | None) -> str:
    """Who or what closed an episode; empty while it is open."""
    if closed_by is None:
        return ""
    if closed_by == "person":
        return f"{CLOSED_BY['person']}: {word(CLOSING_REASONS, reason or 'other').lower()}."
    return CLOSED_BY.get(closed_by, "Closed.")


def handover(since: str) -> str:
    """With a new therapist; what worked before is the client's to tell."""
    return f"New therapist from {since}. With their consent: \u2018what worked between us\u2019."
