"""
Sentences about a reading: observation, then arithmetic, then an invitation.

Always "this client" and "they", never a name; no blame of either side, no prediction. The
feedback service says which sentence and with which numbers; the words stand here alone.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.kit.wording.numbers import number
from portal.kit.wording.outcome import OUTCOME
from portal.kit.wording.times import plain_day

SENTENCES = {
    "not_started": "No check-ins yet. The first reading comes with the first form.",
    "steady": "Within the range that is usual for this client ({low} to {high}).",
    "steady_above": "{x}, above the range that is usual for this client ({low} to {high}).",
    "steady_too_early": "{x} of {max}. Too early to compare: from the third check-in on, it is read against this "
    "client's own earlier answers.",
    "steady_not_compared": "{x} of {max}. For this measure there is no usual range to compare with.",
    "strained_personal": "A little lower than usual for this client: {x}, usually {low} to {high}.",
    "strained_said_so": "This client noted a little strain in this session.",
    "rupture_personal": "Clearly lower than usual for this client: {x}, usually {low} to {high}; last time {prev}.",
    "rupture_step_and_level": "{diff} points lower than last time ({prev}, now {x}), and below {cut}, where this "
    "scale suggests talking about it.",
    "rupture_said_so": "This client said there was strain, a misunderstanding or distance in this session.",
    "rupture_continuing": "Still lower than before ({x}; before, about {m_pre}). Check-in {k} since it began.",
    "rupture_continuing_unmeasured": "Still open. Check-in {k} since it began.",
    "repairing": "On the way back: {x}, up from {lowest}; before, about {m_pre}.",
    "repaired": "Back to what is usual for this client: {x} (before, about {m_pre}), after {k} check-ins.",
    "repaired_unmeasured": "They say it is better, after {k} check-ins.",
    "repaired_late": "Back to what is usual for this client, later on: {x} (before, about {m_pre}).",
    "repaired_late_unmeasured": "They say it is better, later on.",
    "unrepaired": "{k} check-ins on, the answers are not back to where they were ({x}; before, about {m_pre}). "
    "This happens in good work too.",
    "unrepaired_unmeasured": "{k} check-ins on, it is still open. This happens in good work too.",
    "unrepaired_ended": "Therapy ended while this was still open.",
    "closed_by_person": "Closed by {role} on {date}: {reason}. From here on, a new usual range is learnt.",
    "baseline_restarted": "New start of the usual range on {date}: {reason}. Earlier answers stay visible.",
    "awaited": "The check-in for this session has not come back yet.",
    "gap": "No check-in for {k} sessions: {reasons}. Nothing is filled in.",
    "not_scored": "No total: {answered} of {items} answered, {needed} needed.",
    "prorated": "Total estimated from {answered} of {items} answers.",
    "late_entry": "Entered on {entered} for the session of {session}.",
    "superseded": "This reading replaces an earlier one after a correction.",
    "not_blind": "Your impression was entered after their answers were opened; it is kept, and not compared.",
    "placeholder_sigma": "The usual spread is still a starting value, not yet learnt from this clinic.",
    "s1_step": "{diff} points lower than last time ({prev}, now {x}).",
    "s1_step_across_gap": "{diff} points lower than two sessions ago ({prev}, now {x}).",
    "s2_level": "Below {cut}, where this scale suggests talking about it. Some people always answer lower; their own "
    "range counts more.",
    "s3_personal": "{x}; this client's usual range is about {low} to {high} (from {n} earlier check-ins).",
    "s4_chart": "Outside the chart limits of this client's own earlier sessions (lower limit {lcl}).",
    "s5_drift": "Slowly lower over the last {n} check-ins, about {slope} points each time.",
    "s6_flat_ceiling": "The last three answers are the same and at the top. It may be just right; it may be hard to "
    "say otherwise.",
    "s7_unseen_strain": "The two views differ: this client's check-in was lower than usual, your impression was not.",
    "s7_unseen_strain_said": "The two views differ: this client noted strain that you did not note.",
    "s7b_noted_alone": "You noted some strain; this client did not.",
    "supervised_unseen": "The two views differ: this client's check-in was lower than usual, the therapist's "
    "impression was not.",
    "supervised_unseen_said": "The two views differ: this client noted strain that the therapist did not note.",
    "supervised_noted_alone": "The therapist noted some strain; this client did not.",
    "s8_silence": "Two check-ins offered and not returned; before that, {k} were. There may be many reasons.",
    "s9_said": "They said there was {said}.",
    "s9_not_mentioned": "They said there was {said}. Their words on it now: it was not mentioned.",
    "s9_mentioned": "They said there was {said}. Their words on it now: it was mentioned.",
    "s9_better": "They said there was {said}. Their words on it now: you talked, and it is better.",
    "s9_worse": "They said there was {said}. Their words on it now: you talked, and it feels worse.",
    "conversation_open": "Not yet marked as talked about.",
    "episode_repairing": "On the way back; before, about {m_pre}, at its lowest {lowest}.",
    "episode_unmeasured": "Open, without a total to compare.",
    "risk_answer": "This client answered the question about thoughts of hurting themselves with "
    "\u2018{answer}\u2019 at {time}. They have seen the help page. Please read and respond by {due}.",
    "risk_entered": "This client answered the question about thoughts of hurting themselves with "
    "\u2018{answer}\u2019, entered at {time}. No form showed them the help page. Please read and respond by {due}.",
    "risk_answer_other": "This client gave an answer that somebody has to look at: \u2018{answer}\u2019 ({items}), at "
    "{time}. Please read and respond by {due}.",
    "risk_unanswered_other": "Without an answer: {items}. Somebody has to look at what is answered there. Left open is "
    "not a \u2018no\u2019.",
    "risk_unanswered": "The question about thoughts of hurting themselves was left open. That is not a \u2018no\u2019.",
    "risk_entry_withdrawn": "The entry it stood in was withdrawn as a mistake. This stays until you have looked whose "
    "answer it is, and say so.",
    "risk_overdue": "Not yet read. Passed on to {role}.",
    "risk_acknowledged": "Read by {role} at {time}; outcome: {outcome}.",
    "share_later": "Answers arrive after the session.",
    "share_not": "They chose not to share this time. That is their right, and needs no explanation.",
    "consent_withdrawn": "This client no longer wishes to fill in check-ins. None will be offered.",
    "wish_open": "They wished for something to be different next time.",
    **OUTCOME,
    "reach_unrepaired": "Strain that is not yet repaired.",
    "reach_rupture": "Strain that is open.",
    "reach_unseen_strain": "The two views of the last session differ.",
    "reach_silence": "Two check-ins offered and not returned.",
    "reach_missed": "They did not come on {date}.",
    "reach_late_cancellation": "They called off late, the hour of {date}.",
    "reach_no_next": "No next session is booked.",
    "reach_deteriorated": "Reliably more difficulties than at the start.",
    "reach_early": "It is early on: {n} sessions so far.",
}
NEXT_STEPS = {
    "none": "",
    "ask_how_the_form_felt": "Ask how the form itself felt.",
    "gentle_question": "Worth a gentle question next time.",
    "thank_and_ask_more": "Thank them for saying so; ask if they would like to say more.",
    "ask_how_we_work": "A good moment to ask, without hurry, how the two of you are working together.",
    "thank_and_listen": "Thank them for saying so. Listen first; explaining can wait.",
    "begin_next_time": "If it has not been talked about yet, next time is soon enough to begin.",
    "keep_talking": "Keep the conversation open.",
    "ask_what_helped": "What helped? Worth saying to each other, and worth a note.",
    "bring_to_supervision": "Consider bringing it to supervision.",
    "warm_closing_word": "A warm closing word, without blame, may matter.",
    "ask_what_was_different": "Ask what was different.",
    "ask_what_would_help": "Ask what would make it better.",
    "second_view": "A second view of the same dip, not a second dip.",
    "review_goals": "A review of goals and of the way of working may help.",
    "ask_one_different_thing": "Ask for one thing that could be different.",
    "stay_curious": "Only you see this for now. Curiosity helps more than correction.",
    "trust_and_check": "Trust your impression, and check it gently.",
    "ask_if_the_form_suits": "Ask if the form still suits them. No form is fine, too.",
    "return_to_wish": "They say: not yet. Worth returning to.",
}
SAID = {"yes": "some strain", "a_little": "a little strain"}
MISSING = {
    "awaited": "not back yet",
    "not_offered": "not offered",
    "declined": "declined",
    "no_answer": "no answer",
    "technical": "technical",
    "absent": "absent",
    "unable": "not able to",
    "consent_withdrawn": "consent withdrawn",
    "not_shared": "not shared",
    "shared_later": "arrives after the session",
}
VERDICTS = {
    "not_mentioned": "it was not mentioned",
    "mentioned": "it was mentioned",
    "better": "we talked, and it is better",
    "worse": "we talked, and it feels worse",
}
_DAYS = frozenset({"date", "entered", "session"})
_ONE_SESSION = re.compile(r"\b1 sessions\b(?=:| so far)")
_UNKNOWN = "There is something to look at in the course."


def sentence(template: str, params: Mapping[str, Any]) -> str:
    """
    One sentence.

    A template or parameter that this version does not know gives a plain
    sentence rather than an error: the service may be newer than the portal.

    >>> sentence("steady", {"x": 71.0, "low": 63.5, "high": 82.0})
    'Within the range that is usual for this client (63.5 to 82).'
    """
    try:
        text = SENTENCES[template].format_map({name: _shown(name, value) for name, value in params.items()})
    except KeyError:
        return _UNKNOWN
    return _ONE_SESSION.sub("1 session", text).replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")


def next_step(code: str | None) -> str:
    """The suggested next step; empty when there is none."""
    return NEXT_STEPS.get(code or "none", "")


def _shown(name: str, value: Any) -> str:
    if name == "said":
        return SAID.get(str(value), "some strain")
    if name in _DAYS:
        return _day(value)
    if name == "reasons" and isinstance(value, list):
        return ", ".join(MISSING.get(str(reason), str(reason).replace("_", " ")) for reason in value)
    if name == "measures" and isinstance(value, list):
        return " and ".join(map(str, value))
    return number(str(value).replace("_", " ") if name == "reason" else value)


def _day(value: Any) -> str:
    try:
        return plain_day(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)
