"""One request: who asks, what time it is, the services on their behalf, and what was shown."""

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import cached_property
from typing import Generic, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import g

from portal.clients.feedback.check_ins import CheckInsClient
from portal.clients.feedback.client import FeedbackClient
from portal.clients.feedback.exports import ExportsClient
from portal.clients.feedback.figures import FiguresClient
from portal.clients.feedback.follow_up import FollowUpClient
from portal.clients.feedback.measures import MeasuresClient
from portal.clients.feedback.supervision import SupervisionClient
from portal.clients.intake import IntakeClient, Name
from portal.clients.lines import Budget, Line
from portal.clients.scheduling import SchedulingClient
from portal.clients.service_client import Caller, ServiceClient, ServiceUnavailable
from portal.clients.trail import TrailClient
from portal.clinic_time import local_day
from portal.dependencies import PortalDependencies
from portal.names import Names
from portal.security.accounts import Staff, staff_names
from portal.security.emergency import EmergencyAccess
from portal.security.origin import Origin
from portal.security.sign_ins import SignIn, Stage
from shared.access import Rule
from shared.contracts.access import CARE, EMERGENCY, Relation
from shared.database import Tx
from shared.trace import Trace

T = TypeVar("T")
_NAMES_AT_ONCE = 200  # the most of one look-up


class NotSignedIn(Exception):
    """The page is for staff, and nobody is signed in."""


class Begun(Generic[T]):
    """A read under way."""

    def __init__(self, readers: ThreadPoolExecutor, read: Callable[[], T]) -> None:
        self._read = read
        self._future = readers.submit(read)

    def result(self) -> T:
        """What it found, or raises as it would; where no thread was free yet, it is read here and now."""
        return self._read() if self._future.cancel() else self._future.result()


class RequestContext:
    """
    Everything one request needs, made anew for each.

    `about` and `fields` gather whose data the page shows and of what kind; the access
    log keeps them before the answer leaves.

    Attributes:
        secret: What the browser's cookie holds: the id of its sign-in, or of a visit without one.
        sign_in: What the browser has, however far it has come; None for a visit.
        emergency: What opened the client of this page, if something did.
        known_staff: Who is in; None for everybody who has yet to do something for it.
    """

    def __init__(
        self,
        dependencies: PortalDependencies,
        lines: Mapping[str, Line],
        readers: ThreadPoolExecutor,
        *,
        now: datetime,
        trace: Trace,
        secret: str,
        sign_in: SignIn | None,
        origin: Origin,
        emergency: EmergencyAccess | None = None,
    ) -> None:
        self.dependencies = dependencies
        self.now = now
        self.trace = trace
        self.secret = secret
        self.sign_in = sign_in
        self.known_staff: Staff | None = sign_in.staff if sign_in and sign_in.stage is Stage.IN else None
        self.origin = origin
        self.emergency = emergency
        self.about: set[UUID] = set()
        self.fields: set[str] = set()
        self._lines = lines
        self._readers = readers
        self._budget = Budget(dependencies.patience.page)

    @property
    def staff(self) -> Staff:
        """Who is signed in; raises NotSignedIn."""
        if self.known_staff is None:
            raise NotSignedIn
        return self.known_staff

    @property
    def arriving(self) -> SignIn:
        """The sign-in, whether or not it is in yet: for the pages that lead there. Raises NotSignedIn."""
        if self.sign_in is None:
            raise NotSignedIn
        return self.sign_in

    @property
    def form_secret(self) -> str:
        """What the tokens of this browser's forms are made from."""
        return self.sign_in.form_secret if self.sign_in else self.secret

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.dependencies.zone)

    @property
    def today(self) -> date:
        return local_day(self.now, self.zone)

    def transaction(self) -> AbstractContextManager[Tx]:
        """A transaction on the portal's own database."""
        return self.dependencies.database.transaction(trace=self.trace)

    def may(self, rule: Rule) -> bool:
        """Tell whether a rule is for one of the person's roles; for which clients, the services say."""
        if self.emergency:
            return any(rule.opens(self.staff.roles, relation) for relation in (Relation.EMERGENCY, Relation.HOUSE))
        return rule.is_for(self.staff.roles)

    def shows(self, client_ids: Iterable[UUID], *fields: str) -> None:
        """Note for the access log what this page shows about whom."""
        self.about.update(client_ids)
        self.fields.update(fields)

    def begin(self, read: Callable[[], T]) -> "Begun[T]":
        """
        Begin to ask while the page goes on; `result()` waits for the answer.

        For reads alone, of services alone: it runs in another thread, which knows nothing of
        Flask's request. What it finds is noted (`shows`) by the page, once it is shown.
        """
        return Begun(self._readers, read)

    @cached_property
    def intake(self) -> IntakeClient:
        return IntakeClient(self._service_client("intake"))

    @cached_property
    def scheduling(self) -> SchedulingClient:
        return SchedulingClient(self._service_client("scheduling"))

    @cached_property
    def feedback(self) -> FeedbackClient:
        return FeedbackClient(self._service_client("feedback"))

    @cached_property
    def figures(self) -> FiguresClient:
        return FiguresClient(self._service_client("feedback"))

    @cached_property
    def measures(self) -> MeasuresClient:
        return MeasuresClient(self._service_client("feedback"))

    @cached_property
    def supervision(self) -> SupervisionClient:
        """The feedback service, for the purpose of supervision: for it alone a supervisor's role opens anything."""
        return SupervisionClient(self._service_client("feedback", purpose="supervision"))

    @cached_property
    def follow_up(self) -> FollowUpClient:
        return FollowUpClient(self._service_client("feedback"))

    @cached_property
    def exports(self) -> ExportsClient:
        return ExportsClient(self._service_client("feedback"))

    @cached_property
    def check_ins(self) -> CheckInsClient:
        return CheckInsClient(self._service_client("feedback"))

    def names_of(self, client_ids: Collection[UUID]) -> Names:
        """The names for this page, by one look-up for as many as it may take; without intake, spoken codes stand in."""
        wanted = list(dict.fromkeys(client_ids))
        found: dict[UUID, Name] = {}
        try:
            for first in range(0, len(wanted), _NAMES_AT_ONCE):
                found |= self.intake.names(wanted[first : first + _NAMES_AT_ONCE])
        except ServiceUnavailable:
            return Names(away=True)
        self.shows(found, "name")
        return Names(
            {client_id: name.display_name for client_id, name in found.items()},
            {client_id: name.spoken_code for client_id, name in found.items()},
        )

    def staff_names(self, staff_ids: Iterable[UUID | None]) -> dict[UUID, str]:
        wanted = [staff_id for staff_id in staff_ids if staff_id]
        with self.transaction() as tx:
            return staff_names(tx, wanted)

    def trail(self, service: str) -> TrailClient:
        """The trail of one service."""
        return TrailClient(self._service_client(service))

    @cached_property
    def intake_in_an_emergency(self) -> IntakeClient:
        """The intake service, for finding the client that an emergency is about."""
        return IntakeClient(self._service_client("intake", purpose=EMERGENCY))

    def _service_client(self, service: str, *, purpose: str = CARE) -> ServiceClient:
        opened = None
        if self.emergency and purpose == CARE:
            purpose, opened = EMERGENCY, self.emergency.client_id
        caller = Caller(self.staff.id, self.staff.roles, purpose, self.trace.traceparent, self.now, opened)
        return ServiceClient(self._lines[service], self.dependencies.signer, caller, self._budget)


def request_context() -> RequestContext:
    current: RequestContext = g.request_context
    return current
