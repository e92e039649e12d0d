"""One request: who asks, what time it is, the lines to the services, and what was shown."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
from flask import g

from portal.clients.feedback.check_ins import CollectingGateway
from portal.clients.feedback.client import FeedbackGateway
from portal.clients.feedback.exports import ExportsGateway
from portal.clients.feedback.figures import FiguresGateway
from portal.clients.feedback.follow_up import FollowingGateway
from portal.clients.feedback.measures import RegistryGateway
from portal.clients.feedback.supervision import SupervisionGateway
from portal.clients.intake import IntakeGateway
from portal.clients.scheduling import SchedulingGateway
from portal.clients.service_client import Caller, GatewayAway, Line
from portal.clinic_time import local_day
from portal.dependencies import PortalParts
from portal.names import Names
from portal.security.accounts import Staff, staff_names
from portal.security.rights import may
from shared.trace import Trace

MOST_NAMES = 200  # of one look-up, hence of one page


class NotSignedIn(Exception):
    """The page is for staff, and nobody is signed in."""


class Visit:
    """
    Everything one request needs, made anew for each.

    `about` and `fields` gather whose data the page shows and of what kind; the access
    log keeps them before the answer leaves.
    """

    def __init__(
        self,
        parts: PortalParts,
        clients: Mapping[str, httpx.Client],
        *,
        now: datetime,
        trace: Trace,
        secret: str,
        staff: Staff | None,
    ) -> None:
        self.parts = parts
        self.now = now
        self.trace = trace
        self.secret = secret
        self.known_staff = staff
        self.about: set[UUID] = set()
        self.fields: set[str] = set()
        self._clients = clients

    @property
    def staff(self) -> Staff:
        """Who is signed in; raises NotSignedIn."""
        if self.known_staff is None:
            raise NotSignedIn
        return self.known_staff

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's zone."""
        return ZoneInfo(self.parts.zone)

    @property
    def today(self) -> date:
        """The clinic's day."""
        return local_day(self.now, self.zone)

    def may(self, allowed: frozenset[str]) -> bool:
        """Tell whether one of the person's roles is enough."""
        return may(self.staff.roles, allowed)

    def shows(self, client_ids: Iterable[UUID], *fields: str) -> None:
        """Note for the access log what this page shows about whom."""
        self.about.update(client_ids)
        self.fields.update(fields)

    @cached_property
    def intake(self) -> IntakeGateway:
        """The line to intake."""
        return IntakeGateway(self._line("intake"))

    @cached_property
    def scheduling(self) -> SchedulingGateway:
        """The line to scheduling."""
        return SchedulingGateway(self._line("scheduling"))

    @cached_property
    def feedback(self) -> FeedbackGateway:
        """The line to feedback."""
        return FeedbackGateway(self._line("feedback"))

    @cached_property
    def clinic_figures(self) -> FiguresGateway:
        """The line to feedback for the clinic's figures."""
        return FiguresGateway(self._line("feedback"))

    @cached_property
    def registry(self) -> RegistryGateway:
        """The line to feedback for its measures."""
        return RegistryGateway(self._line("feedback"))

    @cached_property
    def supervision(self) -> SupervisionGateway:
        """The line to feedback for the purpose of supervision, for which alone a supervisor's role opens anything."""
        return SupervisionGateway(self._line("feedback", purpose="supervision"))

    @cached_property
    def following(self) -> FollowingGateway:
        """The line to feedback, for what follows from a reading."""
        return FollowingGateway(self._line("feedback"))

    @cached_property
    def exports(self) -> ExportsGateway:
        """The line to feedback, for files."""
        return ExportsGateway(self._line("feedback"))

    @cached_property
    def collecting(self) -> CollectingGateway:
        """The line to feedback, for those who collect check-ins."""
        return CollectingGateway(self._line("feedback"))

    def names_of(self, client_ids: Collection[UUID]) -> Names:
        """The names for this page, by its one look-up; without intake, spoken codes stand in."""
        wanted = list(dict.fromkeys(client_ids))[:MOST_NAMES]
        try:
            found = self.intake.names(wanted)
        except GatewayAway:
            return Names(away=True)
        self.shows(found, "name")
        return Names(
            {client_id: name.display_name for client_id, name in found.items()},
            {client_id: name.spoken_code for client_id, name in found.items()},
        )

    def staff_names(self, staff_ids: Iterable[UUID | None]) -> dict[UUID, str]:
        """How colleagues are called."""
        wanted = [staff_id for staff_id in staff_ids if staff_id]
        with self.parts.database.transaction(trace=self.trace) as tx:
            return staff_names(tx, wanted)

    def _line(self, service: str, *, purpose: str = "care") -> Line:
        caller = Caller(self.staff.id, self.staff.roles, purpose, self.trace.traceparent, self.now)
        return Line(service, self._clients[service], self.parts.signer, caller)


def visit() -> Visit:
    """The request being answered."""
    current: Visit = g.visit
    return current
