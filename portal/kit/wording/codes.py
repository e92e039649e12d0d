"""Codes in words: roles, states, kinds of hours, sources, reasons. A code nobody knows is shown as it is."""

CLIENT_STATES = {
    "waiting_for_decision": "Waiting for a decision",
    "waiting": "Waiting for a therapist",
    "allocated": "Allocated, not yet begun",
    "in_therapy": "In therapy",
    "ended": "Therapy ended",
    "declined": "Not taken on",
}
REFERRAL_STATES = {"received": "Waiting for a decision", "accepted": "Accepted", "declined": "Declined"}
STATUSES = {
    "booked": "Booked",
    "arrived": "Arrived",
    "completed": "Took place",
    "no_show": "Did not come",
    "client_cancelled": "Cancelled by client",
    "late_cancelled": "Cancelled late",
    "clinic_cancelled": "Cancelled by us",
}
TYPES = {
    "individual": "Individual",
    "assessment": "Assessment",
    "couple": "Couple",
    "review": "Review",
    "follow_up": "Follow-up",
}
MODALITIES = {"in_person": "In the room", "video": "By video", "phone": "By phone"}
# Referral sources of the NHS Talking Therapies data set.
SOURCES = {
    "A1": "GP",
    "A2": "Health visitor",
    "A3": "Other primary care",
    "A4": "Maternity service",
    "B1": "Self",
    "B2": "Carer or relative",
    "C1": "Social services",
    "C2": "School or university",
    "D1": "Employer",
    "D2": "Occupational health",
    "E1": "Police",
    "E3": "Probation service",
    "G4": "Voluntary organisation",
    "H1": "Emergency department",
    "H2": "Other hospital care",
    "M6": "Somebody else",
}
# Ending reasons of the same data set that can be given before therapy began.
DECLINE_REASONS = {
    "10": "Not suitable here; no action, or back to the referrer",
    "11": "Not suitable here; pointed to other help, in agreement",
    "12": "Closed in agreement after advice and support",
    "13": "Referred to another therapy service, in agreement",
    "14": "Suitable, but they chose not to go on",
    "50": "Not assessed",
}
# Ending reasons of those who were taken on.
ENDING_REASONS = {
    "46": "Completed, as both agreed",
    "47": "Earlier than the therapist had planned",
    "48": "Earlier than the client wished",
    "13": "Referred to another therapy service, in agreement",
    "96": "Not known",
    "49": "The client has died",
}
CLOSING_REASONS = {
    "settled": "Settled at a new level",
    "change_of_therapist": "Change of therapist",
    "other": "Another reason",
}
MISSING_REASONS = {
    "declined": "They would rather not",
    "unable": "They were not able to",
    "technical": "Something technical",
}
# What came of reading a risk answer.
RISK_OUTCOMES = {
    "spoken_with_client": "I have spoken with them",
    "safety_plan_agreed": "A safety plan is agreed",
    "known_and_followed": "Known already, and being followed",
    "passed_on_to_colleague": "A colleague has taken it over",
    "emergency_help_called": "Emergency help was called",
    "entered_by_mistake": "It was entered by mistake",
}
CORRECTION_REASONS = {
    "typing_error": "A slip while typing",
    "misread_paper": "The paper was misread",
    "client_put_it_right": "The client put it right",
    "wrong_form": "It belonged on another form",
}
WITHDRAWAL_REASONS = {
    "wrong_client": "It belongs to another client",
    "wrong_session": "It belongs to another session",
    "wrong_form": "It belongs on another form",
    "entered_twice": "It was entered twice",
    "other_mistake": "Another mistake",
}
CHANNELS = {
    "link": "Filled in by link",
    "kiosk": "Filled in on the tablet",
    "in_session": "Filled in together",
    "paper": "Entered from paper",
    "portal": "Filled in here",
}
SHARING = {"now": "Seen at once", "after": "Seen after the session", "not": "Not shown this time"}
MOMENTS = {"before": "Before the session", "after": "After the session"}
RHYTHMS = {
    "every_session": "at every session",
    "every_n_sessions": "at every so-many-th session",
    "first_and_last": "at the first and the last session",
}
# HL7 appointment-cancellation-reason.
CANCEL_REASONS_CLIENT = {
    "pat": "Unwell or busy",
    "pat-fb": "Feels better",
    "pat-lt": "No way to get here",
    "pat-mv": "Moved away",
    "other": "Another reason",
}
CANCEL_REASONS_CLINIC = {
    "prov-pers": "Therapist is away",
    "oth-room": "No room",
    "oth-weath": "Weather",
    "oth-err": "Our mistake",
    "prov": "Another reason",
}
PURPOSES = {
    "care_record": "Keeping a care record",
    "feedback_forms": "Check-ins after sessions",
    "supervision": "Use in supervision",
    "contact": "Being contacted",
    "research": "Research, without a name",
}
PURPOSE_NOTES = {
    "care_record": "Needed before we can take somebody on.",
    "feedback_forms": "A short form after each session; they choose each time who sees it.",
    "supervision": "Their therapist may talk about the work with a supervisor.",
    "contact": "We may ring, write or text about appointments.",
    "research": "Answers without a name may be used to improve care.",
}
CONSENT_STATES = {"given": "Given", "withdrawn": "Withdrawn"}
SERVICES = {"intake": "intake", "scheduling": "calendar", "feedback": "feedback"}
# What figures are taken along for.
CLINIC_REASONS = {
    "research": "Research",
    "service_evaluation": "Looking at how this service does",
}
COURSE_REASONS = {
    "client_request": "This client asked for it",
    "care": "Care",
    "handover": "Handing over to a colleague",
    "supervision": "Supervision",
}


def word(table: dict[str, str], code: str) -> str:
    return table.get(code, code.replace("_", " "))
