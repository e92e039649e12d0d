"""How treatments end, in words: what each number counts, and the categories of a bar."""

TITLE = "How treatments end"
LEAD = (
    "Of treatments that ended in this period, whoever the therapist was. Only answers that clients shared are in these "
    "numbers. They say how people were at the first and the last questionnaire, not what made the difference."
)
NOBODY = "No treatment that ended in this year has two shared totals of a questionnaire to compare."
NO_THRESHOLD = "No reliable change is published for this questionnaire, so none is counted."
PAIRED = "with a first and a last total"

CATEGORIES = {
    "recovered": "recovered",
    "improved": "reliably better",
    "unchanged": "no reliable change",
    "deteriorated": "reliably worse",
}
# Of one measure: title and definition of each share.
SHARES = {
    "improvement": (
        "Reliably better",
        (
            "Better at the last total by at least the points that chance is unlikely to bring, as published for this "
            "questionnaire. Who recovered is among them. Of all with two totals."
        ),
    ),
    "recovery": (
        "Recovered",
        (
            "Reliably better, and across the cut-off from the range of people in treatment into that of people who are "
            "not. Of all with two totals."
        ),
    ),
    "no_change": ("No reliable change", "A difference that chance could bring. Of all with two totals."),
    "deterioration": (
        "Reliably worse",
        "Worse at the last total by at least the same points. Of all with two totals.",
    ),
}
EFFECT_SIZE = (
    "Effect size",
    (
        "The mean change in standard deviations of the first totals, drawn in for few cases (d with the factor J). "
        "Positive is better. From twenty cases on."
    ),
)
# Both measures together.
NHS_ID, NHS_TITLE = "nhs", "PHQ-9 and GAD-7 together, as NHS Talking Therapies counts"
NHS_PAIRED = "finished courses: ended after two sessions or more, with a first and a last total of both"
NHS_SHARES = {
    "caseness": (
        "At caseness to begin with",
        "PHQ-9 of 10 or more, or GAD-7 of 8 or more, at the first. Of all finished courses.",
    ),
    "recovery": (
        "Recovery",
        "At caseness at the first, below both thresholds at the last. Of those at caseness to begin with.",
    ),
    "reliable_improvement": (
        "Reliable improvement",
        (
            "PHQ-9 lower by 6 or more, or GAD-7 by 4 or more, and the other not higher by as much as counts for it. Of "
            "all finished courses."
        ),
    ),
    "reliable_deterioration": (
        "Reliable deterioration",
        "One of them higher by as much, and the other not lower by as much. Of all finished courses.",
    ),
    "reliable_recovery": (
        "Reliable recovery",
        "Recovery and reliable improvement. Of those at caseness to begin with.",
    ),
}
