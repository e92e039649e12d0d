"""Referrals in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.clients.intake import Referral
from portal.clinic_time import local_day
from portal.kit.wording.codes import SOURCES, word
from portal.kit.wording.states import Tag, referral_tag
from portal.kit.wording.times import ago, short_day
from portal.names import Names, PersonLink


@dataclass(frozen=True, slots=True)
class ReferralLine:
    """One referral."""

    id: UUID
    version: int
    person: PersonLink
    tag: Tag
    source: str
    received: str
    waits: str
    is_open: bool


def present_referrals(referrals: Sequence[Referral], names: Names, now: datetime, zone: ZoneInfo) -> list[ReferralLine]:
    return [present_referral(referral, names, now, zone) for referral in referrals]


def present_referral(referral: Referral, names: Names, now: datetime, zone: ZoneInfo) -> ReferralLine:
    """One referral; how long it has waited as long as it does."""
    return ReferralLine(
        id=referral.id,
        version=referral.version,
        person=names.person(referral.client_id, referral.spoken_code),
        tag=referral_tag(referral.state),
        source=word(SOURCES, referral.source),
        received=short_day(local_day(referral.received_at, zone)),
        waits=ago(referral.received_at, now, zone),
        is_open=referral.state == "received",
    )
