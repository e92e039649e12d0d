"""What the portal is put together from; filled in by whoever runs it, in one process or many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from portal.clients.lines import USUAL, Patience, ServiceAddress
from portal.security.sign_ins import IDLE
from shared.clock import Clock, utc_now
from shared.database import Database
from shared.security.tokens import TokenSigner


@dataclass(frozen=True, slots=True)
class PortalDependencies:
    """
    The portal's dependencies.

    Attributes:
        database: `rapport_portal`, opened, with a vault.
        signer: Signs as issuer `portal`.
        services: `intake`, `scheduling` and `feedback`: how each is reached.
        checkin_base_url: Where clients open their links, without a slash at the end.
        clinic_name: Shown in the title and beside the navigation.
        secure_cookies: True behind TLS; False only for plain HTTP on loopback.
        patience: How long a page waits for the services.
        second_step_required: Whether every account needs a second step, or is offered one.
        idle: After how long without a sign of life a page locks.
        zone: IANA zone of the clinic: what "today" means at the desk.
        taken_on: Clauses: what a start would have refused and an operator accepted; managers read it on every page.
        backups: The folder of the backups; None where the portal cannot see it.
    """

    database: Database
    signer: TokenSigner
    services: Mapping[str, ServiceAddress]
    checkin_base_url: str
    clinic_name: str
    secure_cookies: bool
    zone: str = "Europe/London"
    clock: Clock = utc_now
    patience: Patience = USUAL
    taken_on: Sequence[str] = ()
    backups: Path | None = None
    second_step_required: bool = True
    idle: timedelta = IDLE
