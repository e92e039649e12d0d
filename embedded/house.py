"""
The house: the three services, their workers, the portal and the check-in app, wired together in one process.

The same parts as in the scale-out form; only the service clients differ, which call the
other applications directly instead of through a socket.
"""

import os
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import structlog
from flask import Flask
from joserfc.jwk import OKPKey
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from checkin.app import CheckinDependencies, create_checkin
from embedded.keys import Keys
from portal.app import create_portal
from portal.clients.lines import USUAL, Patience, ServiceAddress
from portal.dependencies import PortalDependencies
from services.feedback.app import SERVICE as FEEDBACK
from services.intake.app import SERVICE as INTAKE
from services.scheduling.app import SERVICE as SCHEDULING
from shared.clock import Clock
from shared.database import Database
from shared.database.provision import ServiceUrls
from shared.eventlog.connect import open_log
from shared.eventlog.interface import EventLog
from shared.metrics import Metrics
from shared.metrics_pipeline import PipelineMetrics
from shared.probe import Probe
from shared.security.audit.checkpoints import Checkpoints
from shared.security.audit.sealer import Sealer
from shared.security.sealing import Vault
from shared.security.tokens import Signer, Verifier, key_from_seed
from shared.service import Service
from shared.web.app import ApiDependencies, create_api
from shared.worker import ServiceWorker, WorkerDied

SERVICES: tuple[Service, ...] = (INTAKE, SCHEDULING, FEEDBACK)
CHECKIN_PATH = "/check-in"
WEB_THREADS = 8

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Floor:
    """One service in the house: its database, its API, its worker."""

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

    def checkpoints_of(self, name: str, keys: Keys) -> Checkpoints | None:
        """Where the audit trail of a service, or of the portal, is signed."""
        return Checkpoints(self.checkpoints, name, keys.secret(f"audit|{name}")) if self.checkpoints else None


class House:
    """All parts, opened; made after a fork, never before."""

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
        patience: Patience = USUAL,
    ) -> None:
        self.clock = clock
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        metrics = PipelineMetrics(Metrics())
        probe = Probe()
        metrics.add(probe)
        shared = _Shared(clock, log_url, metrics, probe, ZoneInfo(zone), checkpoints)
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
                secure_cookies=address.startswith("https"),
                patience=patience,
            )
        )
        self.checkin_signer = Signer(signers["checkin"], "checkin")
        self.checkin = create_checkin(
            CheckinDependencies(
                signer=self.checkin_signer,
                transport=httpx.WSGITransport(app=self.floors["feedback"].app),
                clock=clock,
                clinic_name=clinic,
                secure_cookies=address.startswith("https"),
            )
        )
        mounts = {f"/api/{name}": floor.app for name, floor in self.floors.items()}
        self.wsgi = DispatcherMiddleware(self.portal, {CHECKIN_PATH: self.checkin, **mounts})

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
        database=database, verifier=verifier, clock=shared.clock, metrics=shared.metrics.metrics, threads=WEB_THREADS
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
    )
    return Floor(service, database, log, create_api(service, parts), worker)
