"""The texts people are shown when they are asked for consent; a change of wording is a new version."""

TEXT_VERSION = "2026-11"
# In the order in which they are asked.
TEXTS = {
    "care_record": "We keep a record of your care. Without one we cannot take you on. Only those who care for you and "
    "those who run the clinic's calendar see the part they need.",
    "feedback_forms": "After each session you may fill in a short form on how it was and how you two work together. "
    "You choose each time whether your therapist sees it.",
    "supervision": "Your therapist may talk about the work with a supervisor, who is bound to secrecy too.",
    "contact": "We may ring, write or text you about your appointments, in the way you told us is safe.",
    "research": "Answers without your name may be used to learn what helps.",
}
