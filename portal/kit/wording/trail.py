"""The trail in plain words: what somebody did, and what for."""

# What an action of a service was, as one would say it; several of one page view stand side by side.
ACTIONS = {
    "appointment.book": "booked an hour",
    "appointment.mark": "said what became of an hour",
    "appointment.move": "moved an hour",
    "appointment.read": "saw hours",
    "appointment.undo": "took a change of an hour back",
    "caseload.read": "saw them in the caseload",
    "checkin.corrected": "corrected answers",
    "checkin.entered": "entered answers",
    "checkin.read": "read answers of one session",
    "checkin.released": "released answers that were kept back",
    "client.allocate": "brought them together with a therapist",
    "client.end": "ended therapy",
    "client.list": "saw them in a list, without the name",
    "client.read": "opened name, contact and consents",
    "client_plan.changed": "changed which forms are asked",
    "client_plan.read": "saw which forms are asked",
    "code.made": "made a code for the tablet",
    "consent.record": "recorded a consent",
    "course.read": "read the course of the relationship",
    "course.restarted": "began the usual range anew",
    "deputy.end": "ended a deputy\u2019s days",
    "deputy.name": "named a deputy",
    "episode.closed": "closed an episode",
    "episode.handed_over": "took an episode on, or gave it back",
    "episode.note_withdrawn": "took a note on an episode back",
    "episode.noted": "noted what became of an episode",
    "episodes.read": "saw episodes",
    "export.made": "took figures along as a file",
    "history.read": "read earlier courses",
    "link.made": "made a link to the form",
    "offer.left_unanswered": "noted that no answer will come",
    "offer.reminded": "noted a reminder",
    "offers.read": "saw which forms are out",
    "outcome.read": "read outcome",
    "people.emergency_look_up": "looked up the code in an emergency",
    "people.look_up": "saw the name",
    "people.search": "found them by name, code or phone",
    "reach_out.noted": "noted that somebody reached out",
    "reach_out.read": "saw them in the list of whom to reach out to",
    "reach_out.withdrawn": "took such a note back",
    "referral.accept": "took the referral on",
    "referral.decline": "declined the referral",
    "referral.list": "saw the referral in a list",
    "referral.read": "opened the referral",
    "referral.receive": "wrote the referral down",
    "risk_answer.acknowledged": "read a risk answer and said what came of it",
    "risk_answers.read": "saw risk answers",
    "rules.differences_read": "saw whose reading other rules would change",
    "series.book": "booked a weekly series",
    "suggestions.read": "looked for free hours",
    "supervision.arranged": "arranged supervision",
    "supervision.pack_read": "read the supervision pack, by code",
    "supervision.point_noted": "noted a point of supervision",
    "trail.of_staff_read": "saw what a colleague looked at",
    "trail.read": "saw who had looked at it",
}
PURPOSES = {"care": "for care", "supervision": "for supervision", "emergency": "in an emergency"}
KINDS = {
    "many_people": "Many people within ten minutes",
    "export": "Figures taken along as a file",
    "emergency": "Opened in an emergency",
}


def action(code: str, fields: tuple[str, ...] = ()) -> str:
    """What was done; a referral whose note was read says so."""
    said = ACTIONS.get(code, code.replace("_", " ").replace(".", ": "))
    return f"{said}, with what the referrer wrote" if code == "referral.read" and "note" in fields else said


def purpose(code: str) -> str:
    """What for."""
    return PURPOSES.get(code, f"for {code}")
