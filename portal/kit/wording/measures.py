"""Measures in words: what each is about, what its licence means for a clinic, and what it still needs."""

from portal.kit.wording.states import Tag

CONSTRUCTS = {
    "alliance": "The relationship in therapy",
    "outcome": "Difficulties and distress",
    "wellbeing": "Wellbeing",
    "functioning": "Everyday life",
    "goals": "Goals",
    "experience": "Experience of the service",
    "preferences": "Preferences for therapy",
}
LICENCES = {
    "public_domain": "Free for everybody; the words are here.",
    "open_nd_nc": "Open, unchanged and not for profit. The words come as a pack of their own, which you import.",
    "byo_wording": "Copyright. You bring the words that your clinic is licensed to use.",
    "score_entry_only": "No digital copy allowed. You enter numbers from licensed paper.",
    "own": "Written by this project; not a validated questionnaire.",
}
STATUSES = {
    "ready": Tag("Ready", "ok", "ok"),
    "needs_wording": Tag("Needs your words", "form", "info"),
    "confirm_licence": Tag("Import and confirm its use", "form", "info"),
    "totals_only": Tag("Totals from paper", "form", "quiet"),
    "not_established": Tag("Cannot be used yet", "info", "quiet"),
}
MARKS = {
    "stated": "stated by its source",
    "expert": "expert knowledge, not verified here",
    "doubtful": "doubtful",
    "computed": "computed",
    "ours": "decided by this project, unvalidated",
}
CONTEXTS = {
    "clinical": "Clinical work, not for profit",
    "commercial": "A clinic for profit",
    "educational": "Teaching",
    "research": "Research",
}
