"""One person in words: the parts of the page that are about who they are and how to reach them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.clients.feedback.client import Offer
from portal.clients.intake import Client, Consent, Identity
from portal.clients.scheduling import Neighbours
from portal.clinic_time import local_day
from portal.kit.components.hour import day_of, local, when_line
from portal.kit.components.packet import packets
from portal.kit.wording.codes import CONSENT_STATES, MODALITIES, PURPOSE_NOTES, PURPOSES, word
from portal.kit.wording.consents import TEXTS
from portal.kit.wording.states import Tag, client_tag, status_tag
from portal.kit.wording.times import ago, hours, plain_day, relative_day, short_day
from portal.names import PersonLink

# Where a therapist can still be found for, or changed.
ALLOCATABLE = frozenset({"waiting", "allocated", "in_therapy"})
BOOKABLE = frozenset({"waiting", "allocated", "in_therapy"})
ENDABLE = frozenset({"allocated", "in_therapy"})
NOT_BEGUN = frozenset({"waiting_for_decision", "waiting", "declined"})  # nobody is their therapist yet
CONSENTS_OPEN = frozenset({"waiting", "allocated", "in_therapy"})


@dataclass(frozen=True, slots=True)
class Head:
    """Name, code, where they are, with whom."""

    person: PersonLink
    tag: Tag | None
    since: str
    therapist: str


@dataclass(frozen=True, slots=True)
class NextHour:
    """The next and the last hour."""

    next: str
    where: str
    tag: Tag | None
    last: str
    move_id: UUID | None = None
    day: str = ""


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One purpose: what was said, when, and what can be said now."""

    purpose: str
    words: str
    note: str
    state: str
    is_given: bool
    recorded: str
    may_withdraw: bool
    may_give: bool


@dataclass(frozen=True, slots=True)
class OfferLine:
    """An open check-in."""

    offer_id: UUID
    session: str
    until: str


def present_head(client: Client, staff: Mapping[UUID, str], now: datetime, zone: ZoneInfo) -> Head:
    name = client.identity.display_name if client.identity else client.spoken_code
    return Head(
        person=PersonLink(client.client_id, name, client.spoken_code),
        tag=client_tag(client.state),
        since=_since(client.since, now, zone) if client.since else "",
        therapist=staff.get(client.practitioner_id, "A colleague") if client.practitioner_id else "",
    )


def present_contact(identity: Identity) -> list[tuple[str, str]]:
    """Facts about the person, only those that are known."""
    born = plain_day(identity.birth_date) if identity.birth_date else None
    facts = (
        ("Name", f"{identity.given_name} {identity.family_name}"),
        ("Called", identity.preferred_name),
        ("Born", born),
        ("Phone", identity.phone),
        ("E-mail", identity.email),
        ("Note", identity.contact_note),
    )
    return [(label, value) for label, value in facts if value]


def present_next_hour(around: Neighbours | None, today: date) -> NextHour:
    """The next hour relative and absolute, and the last with what became of it."""
    upcoming = around.next if around else None
    last = around.last if around else None
    gone = ""
    if last:
        day = day_of(last)
        gone = f"{relative_day(day, today)}, {short_day(day)}: {status_tag(last.status).word.lower()}"
    if upcoming is None:
        return NextHour("", "", None, gone)
    start, end = local(upcoming)
    return NextHour(
        when_line(upcoming, today).rsplit(",", 1)[0] + ", " + hours(start, end),
        word(MODALITIES, upcoming.modality),
        status_tag(upcoming.status) if upcoming.status != "booked" else None,
        gone,
        upcoming.id if upcoming.status == "booked" else None,
        day_of(upcoming).isoformat(),
    )


def present_consents(consents: Sequence[Consent], *, state: str, zone: ZoneInfo) -> list[ConsentLine]:
    """Every purpose with its last word; while care goes on a consent can be given, and at any time withdrawn."""
    known = {consent.purpose: consent for consent in consents}
    return [_consent_line(purpose, known.get(purpose), state, zone) for purpose in PURPOSES]


def present_offers(offers: Sequence[Offer], zone: ZoneInfo) -> list[OfferLine]:
    return [
        OfferLine(p.first.id, p.session, f"until {short_day(local_day(p.first.expires_at, zone))}")
        for p in packets(offers)
    ]


def consent_boxes() -> list[tuple[str, str, str]]:
    """The questions of consent for a form, as name, words and text."""
    return [(f"consent_{purpose}", words, TEXTS[purpose]) for purpose, words in PURPOSES.items()]


def _consent_line(purpose: str, consent: Consent | None, state: str, zone: ZoneInfo) -> ConsentLine:
    is_given = consent is not None and consent.state == "given"
    return ConsentLine(
        purpose=purpose,
        words=word(PURPOSES, purpose),
        note=PURPOSE_NOTES[purpose],
        state=word(CONSENT_STATES, consent.state) if consent else "Not asked",
        is_given=is_given,
        recorded=f"on {short_day(local_day(consent.recorded_at, zone))}" if consent else "",
        may_withdraw=is_given and purpose != "care_record",
        may_give=not is_given and state in CONSENTS_OPEN,
    )


def _since(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    return f"since {short_day(local_day(at, zone))}, {ago(at, now, zone)}"
