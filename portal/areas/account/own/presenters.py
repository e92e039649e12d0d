"""One's own account in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.kit.wording.codes import word
from portal.kit.wording.times import count, day_and_hour
from portal.security.account_events import AccountEvent
from portal.security.second_step import Methods
from portal.security.sign_ins import OpenSignIn

KINDS = {
    "account.made": "The account was made",
    "account.closed": "The account was closed",
    "account.opened": "The account was opened again",
    "password.chosen": "A new password was chosen",
    "password.given": "A first password was made",
    "roles.changed": "The roles were changed",
    "second_step.app_added": "An app for codes was added",
    "second_step.app_removed": "The app for codes was removed",
    "second_step.passkey_added": "A passkey was added",
    "second_step.passkey_removed": "A passkey was removed",
    "second_step.recovery_codes_made": "New recovery codes were made",
    "second_step.recovery_code_used": "A recovery code was used",
    "second_step.failed": "Somebody tried a wrong code, after the right password",
    "second_step.reset": "The second step was reset",
    "second_step.reset_asked": "A reset of the second step was asked for",
    "sign_in.begun": "Signed in",
    "sign_in.failed": "Somebody tried a wrong password",
    "sign_in.others_ended": "Signed out everywhere else",
}


@dataclass(frozen=True, slots=True)
class SignInLine:
    """One browser."""

    id: UUID
    device: str
    network: str
    since: str
    last_seen: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class EventLine:
    """One thing that happened."""

    when: str
    what: str
    where: str


def present_sign_ins(found: Sequence[OpenSignIn], this: UUID, zone: ZoneInfo) -> list[SignInLine]:
    """Where somebody is signed in, in the order given."""
    return [
        SignInLine(
            id=one.id,
            device=one.device,
            network=one.network,
            since=day_and_hour(one.started_at.astimezone(zone)),
            last_seen=day_and_hour(one.last_seen_at.astimezone(zone)),
            is_this=one.id == this,
        )
        for one in found
    ]


def present_events(found: Sequence[AccountEvent], names: Mapping[UUID, str], zone: ZoneInfo) -> list[EventLine]:
    """What happened, in the order given; by whom, where it was somebody else."""
    return [
        EventLine(
            when=day_and_hour(event.at.astimezone(zone)),
            what=word(KINDS, event.kind) + (f" by {names.get(event.actor, 'a colleague')}" if event.actor else ""),
            where=f"{event.device}, {event.address}",
        )
        for event in found
    ]


def present_methods(methods: Methods, *, is_demo: bool) -> str:
    """
    What the second step of an account is.

    >>> present_methods(Methods(app=True, passkeys=2, recovery_codes=9), is_demo=False)
    'An app for codes, 2 passkeys; 9 recovery codes left.'
    """
    if not methods.any:
        without = "This account of the demo clinic comes in without one. No other account does."
        return without if is_demo else "There is none yet: whoever learns your password comes in."
    kinds = ["An app for codes"] if methods.app else []
    kinds += [count(methods.passkeys, "passkey")] if methods.passkeys else []
    return f"{', '.join(kinds)}; {count(methods.recovery_codes, 'recovery code')} left."
