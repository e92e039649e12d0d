"""gunicorn as every web process runs it: threads, no preload, an inner listener, no access log of its own."""

import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger as GunicornLogger
from prometheus_client import multiprocess

from shared.logs import configure_logs
from shared.metrics import share_files
from shared.web.proxies import DeclaredProxies, Network


@dataclass(frozen=True, slots=True)
class WebConfig:
    """
    How one web process listens.

    Args:
        name: The service's name, also shown in the process list.
        bind: "host:port" for requests.
        inner_bind: "host:port" for /livez, /readyz and /metrics; "" serves them on `bind`.
        workers: Processes; each has its own pool of connections.
        threads: Requests worked on at once by one process.
        metrics_dir: Where the processes share their counts; wiped at the start.
        graceful_seconds: How long running requests may take to end at SIGTERM.
        proxies: Whose forwarded headers count; nobody's unless declared.
    """

    name: str
    bind: str
    inner_bind: str = ""
    workers: int = 2
    threads: int = 8
    metrics_dir: Path | None = None
    graceful_seconds: int = 25
    proxies: tuple[Network, ...] = ()

    @property
    def inner_port(self) -> int | None:
        """The port of the inner listener, None without one."""
        return int(self.inner_bind.rpartition(":")[2]) if self.inner_bind else None

    def settings(self) -> dict[str, Any]:
        """Settings of gunicorn; each line is one that bit somebody."""
        return {
            "bind": [self.bind, *([self.inner_bind] if self.inner_bind else [])],
            "worker_class": "gthread",
            "workers": self.workers,
            "threads": self.threads,
            "preload_app": False,  # no pool, client or thread may exist before the fork
            "timeout": 60,
            "graceful_timeout": self.graceful_seconds,
            "keepalive": 5,
            "max_requests": 0,  # restarts reset connections under gthread and leave metric files
            "control_socket_disable": True,  # services of one user would fight for one path
            "logger_class": JsonLines,
            "accesslog": None,  # its lines hold query strings; ours hold route templates
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108 - a heartbeat, no data
            # gunicorn believes headers of its own accord, SCRIPT_NAME among them, from loopback: `proxies` decides.
            "forwarded_allow_ips": "",
            "forwarder_headers": "",
            "secure_scheme_headers": {},
            "header_map": "drop",
            "proc_name": f"rapport {self.name}",
            "child_exit": _forget_gauges,
        }


class JsonLines(GunicornLogger):  # type: ignore[misc]
    """Lines of gunicorn go the way of all others: JSON, without the values they repeat."""

    def setup(self, cfg: Any) -> None:
        """Leave handlers and format to `configure_logs`."""
        self.cfg = cfg
        self.error_log.setLevel(logging.INFO)
        self.error_log.propagate = True


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn without command line and configuration file."""

    def __init__(self, app_factory: Callable[[], Flask], config: WebConfig) -> None:
        self._factory = app_factory
        self._config = config
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._config.settings().items():
            self.cfg.set(name, value)

    def load(self) -> DeclaredProxies:
        """Called in each worker, after the fork."""
        configure_logs(service=self._config.name, process="web")
        return DeclaredProxies(self._factory(), self._config.proxies)


def serve(app_factory: Callable[[], Flask], config: WebConfig) -> None:
    """
    Serve until SIGTERM; running requests are finished first.

    Args:
        app_factory: Makes the app in each worker; opens its own connections.
        config: How to listen.
    """
    configure_logs(service=config.name, process="web")
    if config.metrics_dir is not None:
        shutil.rmtree(config.metrics_dir, ignore_errors=True)
        config.metrics_dir.mkdir(parents=True, mode=0o700)
        share_files(config.metrics_dir)
    Server(app_factory, config).run()


def _forget_gauges(_server: Any, worker: Any) -> None:
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
