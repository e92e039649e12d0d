"""The clinic's figures in words: what each counts, and why a number is not told."""

TITLES = {
    "repair": "Ruptures repaired",
    "days_to_repair": "Days to repair",
    "talked_about": "Ruptures talked about",
    "clients": "Clients who came",
}
DEFINITIONS = {
    "repair": "Repaired, of all ruptures that began in this period and are closed or at least three check-ins old. "
    "Repaired means: the answers are back to what was usual for this client, or they say it is better.",
    "days_to_repair": "The median number of days from the session in which a rupture began to the one in which it was "
    "repaired.",
    "talked_about": "Marked as talked about by the therapist, of the same ruptures.",
    "clients": "Clients with at least one session that took place in this period, rounded to the nearest five.",
    "completion": "Forms that came back, of all that were offered in this period and are no longer waited for. Whether "
    "the answers were shared makes no difference here. Percentages are of all forms offered.",
}
WHY = {
    "nothing": "Nothing to count in this period.",
    "too_few": "Too few cases for a number that would mean something, or that would not give somebody away.",
    "too_few_therapists": "Fewer than three therapists: a number would be about a person, and there is none.",
    "all_alike": "All began with the same total: there is no spread to measure a change by.",
    "by_year_only": "A quarter of this year is too small to be told apart. The whole year may be told.",
}
_SMALL_N = "Too few cases ({n}) for a number that would mean something."
CHANNELS = {"link": "by link", "portal": "in the portal", "paper": "from paper", "kiosk": "on a tablet here"}
FORMS = {
    ("client", "after"): "Check-ins by clients, after the session",
    ("client", "before"): "Questionnaires by clients, before the session",
    ("therapist", "after"): "Impressions by therapists, after the session",
}
LABEL = "For looking at how we work, never for judging a person. Nothing here is told by therapist."


def why_not(code: str | None, n: int | None) -> str:
    """Why a number is not told; nothing for one that is."""
    if code == "suppressed_small_n":
        return _SMALL_N.format(n=n) if n is not None else WHY["too_few"]
    return WHY.get(code or "", "")
