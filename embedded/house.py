"""
The house: the three services, their workers, the portal and the check-in app, wired together in one process.

The same parts as in the scale-out form; only the service clients differ, which call the
other applications directly instead of through a socket.
"""

import json
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import httpx
import psycopg
import structlog
from flask import Flask
from joserfc.jwk import OKPKey
from werkzeug import Request, Response
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from checkin.app import CheckinDependencies, create_checkin
from embedded.disk import LOW, Disk
from embedded.keys import Keys
from embedded.settings import CHECKIN_PATH
from portal.app import create_portal
from portal.clients.lines import USUAL, Patience, ServiceAddress
from portal.dependencies import PortalDependencies
from portal.security.sign_ins import IDLE
from services.feedback.app import SERVICE as FEEDBACK
from services.intake.app import SERVICE as INTAKE
from services.scheduling.app import SERVICE as SCHEDULING
from shared.backup.standing import BackupMetrics
from shared.clock import Clock
from shared.database import Database, DatabaseUnavailable
from shared.database.provision import ServiceUrls
from shared.eventlog.connect import open_log
from shared.eventlog.interface import EventLog
from shared.health import Check, Health
from shared.heartbeat import Heartbeats
from shared.metrics import CONTENT_TYPE, DISK_FREE, DISK_METRICS, Metrics
from shared.metrics_pipeline import PipelineMetrics
from shared.probe import Probe
from shared.readiness import facts, worker_checks
from shared.security.audit.checkpoints import Checkpoints
from shared.security.audit.sealer import Sealer
from shared.security.sealing import Vault
from shared.security.tokens import Signer, Verifier, key_from_seed
from shared.service import Service
from shared.web.app import ApiDependencies, create_api
from shared.worker import ServiceWorker, WorkerDied

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SERVICES: tuple[Service, ...] = (INTAKE, SCHEDULING, FEEDBACK)
WEB_THREADS = 8

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Floor:
    """One service in the house: its database for the program's own work, its API, its worker."""

    service: Service
    database: Database
    log: EventLog
    app: Flask
    worker: ServiceWorker


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all floors have in common: one process has one clock, one zone, one table of counts, one probe."""

    clock: Clock
    log_url: str | None
    metrics: PipelineMetrics
    probe: Probe
    zone: ZoneInfo
    checkpoints: Path | None
    beats: Heartbeats
    disk: Disk | None

    def checkpoints_of(self, name: str, keys: Keys) -> Checkpoints | None:
        """Where the audit trail of a service, or of the portal, is signed."""
        return Checkpoints(self.checkpoints, name, keys.secret(f"audit|{name}")) if self.checkpoints else None


class House:
    """
    All parts, opened; made after a fork, never before.

    Args:
        address: Where clients open their links, without a path; the check-in lies below `CHECKIN_PATH`.
        is_secure: Browsers reach it by https, its own or a proxy's.
        disk: Of the data folder, where this program keeps it itself.
        taken_on: What a start would have refused and an operator accepted.
    """

    def __init__(
        self,
        urls: Mapping[str, ServiceUrls],
        keys: Keys,
        *,
        clock: Clock,
        clinic: str,
        zone: str,
        address: str,
        log_url: str | None = None,
        checkpoints: Path | None = None,
        backups: Path | None = None,
        patience: Patience = USUAL,
        is_secure: bool = False,
        disk: Disk | None = None,
        taken_on: Sequence[str] = (),
        second_step_required: bool = True,
        idle: timedelta = IDLE,
    ) -> None:
        self.clock = clock
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        metrics = PipelineMetrics(Metrics())
        metrics.metrics.declare(DISK_METRICS)
        probe, beats = Probe(), Heartbeats()
        metrics.add(probe)
        if backups is not None:
            metrics.add(BackupMetrics(backups))
        shared = _Shared(clock, log_url, metrics, probe, ZoneInfo(zone), checkpoints, beats, disk)
        signers = {name: key_from_seed(keys.secret(f"token|{name}")) for name in ("portal", "checkin", "operator")}
        self.floors = {
            service.name: _open_floor(service, urls[service.name], keys, signers, shared) for service in SERVICES
        }
        self.portal_signer = Signer(signers["portal"], "portal")
        self.portal_database = Database(
            urls["portal"].app,
            name="portal",
            size=WEB_THREADS + 2,
            vault=Vault(keys.secret("vault|portal"), service="portal"),
        ).open()
        self._portal_sealer = Sealer(
            "portal", urls["portal"].sealer, shared.checkpoints_of("portal", keys), metrics, clock
        )
        self.portal = create_portal(
            PortalDependencies(
                database=self.portal_database,
                signer=self.portal_signer,
                services={name: ServiceAddress(application=floor.app) for name, floor in self.floors.items()},
                checkin_base_url=address + CHECKIN_PATH,
                clinic_name=clinic,
                zone=zone,
                clock=clock,
                secure_cookies=is_secure,
                patience=patience,
                taken_on=taken_on,
                backups=backups,
                second_step_required=second_step_required,
                idle=idle,
            )
        )
        self.checkin_signer = Signer(signers["checkin"], "checkin")
        self.checkin = create_checkin(
            CheckinDependencies(
                signer=self.checkin_signer,
                transport=httpx.WSGITransport(app=self.floors["feedback"].app),
                clock=clock,
                clinic_name=clinic,
                secure_cookies=is_secure,
            )
        )
        mounts: dict[str, WSGIApplication] = {f"/api/{name}": floor.app for name, floor in self.floors.items()}
        checks = [check for floor in self.floors.values() for check in _checks_of(floor)]
        health = Health(
            "rapport",
            beats=beats,
            checks=[*checks, self._portal_check, *([_disk_check(disk)] if disk else [])],
            metrics=metrics.metrics,
            clock=clock,
            facts=facts(),
        )
        self.inner = DispatcherMiddleware(_health_app(health, disk), mounts)
        self.checkin_door = DispatcherMiddleware(NotFound(), {CHECKIN_PATH: self.checkin})
        # Both doors at one address, as a proxy may join them: tests and measurements come in this way.
        self.wsgi = DispatcherMiddleware(self.portal, {CHECKIN_PATH: self.checkin})

    def settle(self, *, rounds: int = 500) -> int:
        """
        Let relays, consumers and jobs work until none of them finds anything to do.

        Raises:
            RuntimeError: they never come to rest.
        """
        total = 0
        for _ in range(rounds):
            done = sum(floor.worker.step() for floor in self.floors.values())
            if done == 0:
                self._portal_sealer.seal_once()
                return total
            total += done
        raise RuntimeError(f"still busy after {rounds} rounds")

    def _portal_check(self) -> Check:
        try:
            with self.portal_database.transaction() as tx:
                tx.value("SELECT 1")
        except (DatabaseUnavailable, psycopg.Error) as error:
            return Check("portal database", "failing", type(error).__name__)
        damaged = self.portal_database.damaged
        return Check("portal database", "failing", "a damaged page") if damaged else Check("portal database", "ok")

    def begin(self) -> None:
        """Start the workers' threads; one that dies takes the process with it, and the parent starts it anew."""
        for floor in self.floors.values():
            thread = threading.Thread(target=self._work, args=(floor,), name=f"{floor.service.name}-worker")
            thread.start()
            self._threads.append(thread)
        sealer = threading.Thread(target=self._portal_sealer.run, args=(self._stop,), name="portal-sealer")
        sealer.start()
        self._threads.append(sealer)

    def _work(self, floor: Floor) -> None:
        try:
            floor.worker.run(self._stop)
        except WorkerDied as died:
            _log.error("worker died", service=floor.service.name, error_class=type(died).__name__)
            os.kill(os.getpid(), signal.SIGTERM)

    def end(self) -> None:
        """Let the workers finish what they hold, then give everything back."""
        self._stop.set()
        for thread in self._threads:
            thread.join(10)
        for floor in self.floors.values():
            floor.log.close()
            floor.database.close()
        self._portal_sealer.close()
        self.portal_database.close()


def _open_floor(
    service: Service, urls: ServiceUrls, keys: Keys, signers: Mapping[str, OKPKey], shared: _Shared
) -> Floor:
    vault = Vault(keys.secret(f"vault|{service.name}"), service=service.name)
    database = Database(urls.app, name=service.name, size=WEB_THREADS + 2, vault=vault, zone=shared.zone).open()
    log = open_log(shared.log_url or urls.log, name=f"{service.name}-embedded")
    verifier = Verifier({issuer: signers[issuer] for issuer in service.trusts}, service.name, service.trusts)
    parts = ApiDependencies(
        database=database,
        verifier=verifier,
        clock=shared.clock,
        metrics=shared.metrics.metrics,
        threads=WEB_THREADS,
        has_room=shared.disk.has_room if shared.disk else lambda: True,
    )
    worker = ServiceWorker(
        service,
        database=database,
        relay_url=urls.relay,
        sealer_url=urls.sealer,
        checkpoints=shared.checkpoints_of(service.name, keys),
        log=log,
        clock=shared.clock,
        metrics=shared.metrics,
        probe=shared.probe,
        beats=shared.beats,
    )
    return Floor(service, database.for_the_program(), log, create_api(service, parts), worker)


def _checks_of(floor: Floor) -> list[Callable[[], Check]]:
    """A worker's checks, by the name of its service: one answer tells of all."""

    def named(check: Callable[[], Check]) -> Callable[[], Check]:
        def ask() -> Check:
            found = check()
            return replace(found, name=f"{floor.service.name} {found.name}")

        return ask

    return [named(check) for check in worker_checks(floor.database, floor.worker)]


def _disk_check(disk: Disk) -> Callable[[], Check]:
    def ask() -> Check:
        if not disk.has_room():
            return Check("disk", "failing", "almost full, changes are refused: docs/runbook/disk-full.md")
        return Check("disk", "degraded", "fills up") if disk.free() < LOW else Check("disk", "ok")

    return ask


def _health_app(health: Health, disk: Disk | None) -> "WSGIApplication":
    """/livez, /readyz and /metrics of the whole process; beside them each service's own below its API."""

    @Request.application
    def answer(request: Request) -> Response:
        if request.path == "/metrics":
            if disk is not None:
                health.metrics.set(DISK_FREE, disk.free())
            return Response(health.metrics.exposition(), content_type=CONTENT_TYPE)
        if request.path in {"/livez", "/readyz"}:
            status, body = health.alive() if request.path == "/livez" else health.ready()
            return Response(json.dumps(body), status, content_type="application/json")
        return Response("Not Found\n", 404, content_type="text/plain")

    return answer
