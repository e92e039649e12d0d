"""The data dictionary: every column of every file, in its order, which does not change within a version."""

from dataclasses import dataclass
from enum import StrEnum

VERSION = 1  # of these tables; a column is only ever added at the end, or the version rises


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `kind`: code, text, integer, number, flag (1 or 0), day; an empty cell is always "none"."""

    name: str
    kind: str
    unit: str
    values: str
    meaning: str


class File(StrEnum):
    """The files of an export."""

    CHECK_INS = "check-ins"
    ITEMS = "items"
    READINGS = "readings"
    EPISODES = "episodes"


_WHO = (
    Column("client", "code", "", "", "The client: a name made for this export; the id in a therapist's own export"),
    Column("pair", "code", "", "", "The client's work with one therapist; a change of therapist begins a new pair"),
)
_WHEN = (
    Column("session", "integer", "", "1-", "Number of the held session within the pair, in order of start"),
    Column("day", "integer", "days", "0-", "Days since the first held session of the pair"),
    Column(
        "session_date",
        "day",
        "",
        "",
        "Day of the session in the clinic's time zone; empty in an export by research consent",
    ),
)
_MEASURE = (
    Column("measure", "code", "", "", "Id of the measure; about.json describes it"),
    Column("measure_version", "integer", "", "1-", "Version of the measure that was filled in"),
)
_MISSING = "not_offered, awaited, declined, no_answer, technical, unable, consent_withdrawn, not_shared, shared_later"

COLUMNS: dict[File, tuple[Column, ...]] = {
    File.CHECK_INS: (
        *_WHO,
        *_WHEN,
        *_MEASURE,
        Column("content_hash", "code", "", "SHA-256", "Hash of the wording and rules of the measure; see about.json"),
        Column(
            "side", "code", "", "client, therapist", "Whose view it is: the client's, or the therapist's impression"
        ),
        Column("missing_reason", "code", "", _MISSING, "Why there are no answers; empty when there are"),
        Column("shared", "code", "", "now, after", "What the client chose; 'not' never leaves as answers"),
        Column("channel", "code", "", "link, kiosk, portal, in_session, paper", "How it was filled in"),
        Column("answered", "integer", "items", "0-", "Scored items answered"),
        Column("items", "integer", "items", "1-", "Scored items of the measure"),
        Column("total", "number", "points", "see about.json", "Total by scoring_rule, unrounded; empty when too few"),
        Column("prorated", "flag", "", "1, 0", "1: the total stands on fewer items than the measure has"),
        Column("scoring_rule", "code", "", "", "Id of the rule that made the total"),
        Column("said", "code", "", "no, a_little, yes, not_said", "Strain in this session, in the person's own answer"),
        Column("talked", "code", "", "not_mentioned, mentioned, better, worse", "Whether it was talked about"),
        Column("blind", "flag", "", "1, 0", "0: given after the other side's answers were opened; not to be compared"),
        Column("version", "integer", "", "1-", "Above 1: corrected, or another entry withdrawn; these count"),
        Column("total_only", "flag", "", "1, 0", "1: only the total was typed in from paper"),
        Column("moment", "code", "", "before, after", "Offered before the session, or after it"),
    ),
    File.ITEMS: (
        *_WHO,
        *_WHEN,
        *_MEASURE,
        Column("side", "code", "", "client, therapist", "Whose view it is"),
        Column("item", "code", "", "", "Id of the item within the measure"),
        Column("scored", "flag", "", "1, 0", "1: part of the total"),
        Column("value", "number", "", "see about.json", "The answer as given, before any reversal; empty when skipped"),
        Column("code", "code", "", "see about.json", "The answer of an item with named answers; empty when skipped"),
    ),
    File.READINGS: (
        *_WHO,
        *_WHEN,
        *_MEASURE,
        Column(
            "state",
            "code",
            "",
            "steady, strained, rupture, repairing, repaired, unrepaired",
            "How the relationship reads after the session: a prompt to talk, not a finding",
        ),
        Column("sentence", "code", "", "", "Template of the sentence that staff saw"),
        Column("signals", "code", "", "S1-S9", "Signals of the session, with a space between"),
        Column("missing_reason", "code", "", _MISSING, "Why there was nothing to read; nothing is carried forward"),
        Column("total", "number", "points", "see about.json", "The client's total as it was read"),
        Column("usual_n", "integer", "sessions", "0-", "Earlier totals that the usual range stands on"),
        Column("usual_mean", "number", "points", "", "This client's usual total before the session"),
        Column("usual_sd", "number", "points", "", "Standard deviation within this client, shrunk towards sigma0"),
        Column("z", "number", "prediction standard deviations", "", "How far the total lies from usual"),
        Column("usual_low", "number", "points", "see about.json", "Lower end of the usual range"),
        Column("usual_high", "number", "points", "see about.json", "Upper end of the usual range"),
        Column("frozen", "flag", "", "1, 0", "1: an episode is open, the usual range stands still"),
        Column("too_early", "flag", "", "1, 0", "1: too few earlier sessions for a usual range"),
        Column("rules_version", "code", "", "", "Version of the reader's rules; about.json has their numbers"),
        Column("sigma0", "number", "points", "", "Expected spread within one client that was used; ours, unvalidated"),
    ),
    File.EPISODES: (
        *_WHO,
        Column("episode", "code", "", "", "One rupture and what became of it"),
        *_MEASURE,
        Column("state", "code", "", "rupture, repairing, repaired, unrepaired", "How it stands"),
        Column("opened_by", "code", "", "S1-S9", "Signals that opened it, with a space between"),
        Column("opened_session", "integer", "", "1-", "Session that opened it"),
        Column("opened_day", "integer", "days", "0-", "Days since the first held session of the pair"),
        Column("opened_date", "day", "", "", "As session_date"),
        Column("usual_before", "number", "points", "", "What was usual before it; the mark it has to come back to"),
        Column("usual_sd_before", "number", "points", "", "Standard deviation that goes with usual_before"),
        Column("lowest", "number", "points", "", "Lowest total since it opened"),
        Column("verdict", "code", "", "not_mentioned, mentioned, better, worse", "The client's own latest word on it"),
        Column("checkins", "integer", "", "0-", "Check-ins since it opened"),
        Column("late", "flag", "", "1, 0", "1: repaired after it had read as unrepaired"),
        Column("conversation_day", "integer", "days", "", "Day on which the two talked about it"),
        Column("conversation_date", "day", "", "", "As session_date"),
        Column("not_yet", "code", "", "", "Why it has not been talked about, as staff noted"),
        Column("tried", "code", "", "", "What was tried, from a list of codes, with a space between"),
        Column("closed_session", "integer", "", "1-", "Session that closed it; empty when a person or an ending did"),
        Column("closed_day", "integer", "days", "0-", "Day on which it closed"),
        Column("closed_date", "day", "", "", "As session_date"),
        Column(
            "close_reason",
            "code",
            "",
            "repaired, settled, change_of_therapist, therapy_ended, other",
            "Why it closed; empty while it is open. What a correction took back is in no export",
        ),
        Column("closed_by", "code", "", "answers, person, ending", "Who or what closed it"),
        Column("days", "integer", "days", "0-", "From the opening session to the closing"),
        Column("rules_version", "code", "", "", "Version of the reader's rules"),
    ),
}


def names(file: File) -> list[str]:
    """The header line of a file."""
    return [column.name for column in COLUMNS[file]]
