"""Rules in words: versions, parameters, progress, and what would read differently."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.clients.feedback.reading_rules import DifferentCourse, DifferentSession, EpisodeInShort, Rules, RulesSwitch
from portal.clinic_time import local_day
from portal.kit.wording.numbers import number
from portal.kit.wording.rules import SIGNALS, VERSIONS, parameters
from portal.kit.wording.states import Tag, course_tag
from portal.kit.wording.times import count, plain_day, short_day
from portal.names import Names, PersonLink


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version that could be switched on."""

    version: str
    about: str


@dataclass(frozen=True, slots=True)
class RulesSwitchLine:
    """A change that was made."""

    version: str
    when: str
    reason: str


@dataclass(frozen=True, slots=True)
class RulesPage:
    """Everything on the page."""

    version: str
    number: int
    since: str
    sigma0: str
    is_learnt: bool
    parameters: list[tuple[str, str, str]]
    progress: str
    done_percent: int | None  # None: nothing is under way
    others: list[VersionLine]
    proposal: str
    history: list[RulesSwitchLine]


def present_rules(rules: Rules, names: Mapping[UUID, str], zone: ZoneInfo) -> RulesPage:
    """The rules as a clinical lead reads them."""
    current = rules.in_force
    mine = next((one for one in rules.versions if one.version == current.version), None)
    return RulesPage(
        version=current.version,
        number=current.number,
        since=_when(current, names, zone),
        sigma0=number(current.sigma0),
        is_learnt="+" in current.version,
        parameters=parameters(mine.parameters) if mine else [],
        progress=_progress(rules),
        done_percent=100 * (rules.courses - rules.to_read) // rules.courses if rules.to_read else None,
        others=_others(rules),
        proposal=_proposal(rules),
        history=[RulesSwitchLine(one.version, _when(one, names, zone), one.reason) for one in rules.history],
    )


def _others(rules: Rules) -> list[VersionLine]:
    known = {one.version: _about(one.version, one.sigma0) for one in rules.versions}
    known |= {one.version: known.get(one.version) or "Was in force before." for one in rules.history}
    if rules.proposal.version:
        known[rules.proposal.version] = (
            f"As now, with the spread found in this clinic: {number(rules.proposal.sigma0)} points."
        )
    return [VersionLine(version, about) for version, about in known.items() if version != rules.in_force.version]


def _about(version: str, sigma0: float) -> str:
    return f"{VERSIONS.get(version, '')} Starting spread {number(sigma0)} points.".strip()


def _progress(rules: Rules) -> str:
    if not rules.courses:
        return "There is no course yet."
    if not rules.to_read:
        return "All courses are read by these rules."
    done = rules.courses - rules.to_read
    return (
        f"{done} of {count(rules.courses, 'course')} {'is' if done == 1 else 'are'} read by these rules; more follow."
    )


def _proposal(rules: Rules) -> str:
    found = rules.proposal
    if found.sessions < found.needed:
        return (
            f"From {found.needed} sessions on, the clinic\N{RIGHT SINGLE QUOTATION MARK}s own check-ins say how much "
            f"answers usually vary. So far there are {found.sessions}."
        )
    about = f"{found.sessions} sessions of {count(found.courses, 'course')}"
    if found.sigma0 is None:
        return f"What {about} say about the spread is not plausible, so nothing is proposed."
    if found.version is None:
        return f"In {about} answers vary by {number(found.sigma0)} points: nothing to change."
    return (
        f"In {about} answers of one person vary by {number(found.sigma0)} points. That is taken up only if you decide "
        "so, because it changes what is said about everybody."
    )


def _when(one: RulesSwitch, names: Mapping[UUID, str], zone: ZoneInfo) -> str:
    if one.switched_on_at is None:
        return "from the beginning"
    day = plain_day(local_day(one.switched_on_at, zone))
    who = names.get(one.switched_on_by) if one.switched_on_by else None
    return f"since {day}, by {who}" if who else f"since {day}"


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """One client whose course would read differently."""

    person: PersonLink
    now: Tag
    then: Tag
    same_state: bool
    sessions: list[str]
    episodes: str


def present_difference(course: DifferentCourse, names: Names) -> DifferenceLine:
    """A client, how they stand by both, and what differs session by session."""
    return DifferenceLine(
        person=names.person(course.client_id, course.spoken_code),
        now=course_tag(course.state_now),
        then=course_tag(course.state_then),
        same_state=course.state_now == course.state_then,
        sessions=[_session(one) for one in course.sessions],
        episodes=_episodes(course.episodes_now, course.episodes_then),
    )


def _session(one: DifferentSession) -> str:
    parts = []
    if one.now.state != one.then.state:
        now, then = course_tag(one.now.state).word.lower(), course_tag(one.then.state).word.lower()
        parts.append(f"{then} instead of {now}")
    gone = [code for code in one.now.signals if code not in one.then.signals]
    new = [code for code in one.then.signals if code not in one.now.signals]
    parts += [f"without {_named(gone)}"] if gone else []
    parts += [f"with {_named(new)}"] if new else []
    return f"Session {one.session_number}, {short_day(one.date)}: {'; '.join(parts)}"


def _named(codes: list[str]) -> str:
    return ", ".join(f"{code} ({SIGNALS[code]})" if code in SIGNALS else code for code in codes)


def _episodes(now: tuple[EpisodeInShort, ...], then: tuple[EpisodeInShort, ...]) -> str:
    if now == then:
        return ""
    return f"Strain and repair: {_told(now)} now, {_told(then)} then."


def _told(episodes: tuple[EpisodeInShort, ...]) -> str:
    if not episodes:
        return "none"
    return ", ".join(
        f"sessions {e.opened_session} to {e.closed_session}"
        if e.closed_session
        else f"from session {e.opened_session} on"
        for e in episodes
    )
