"""Which clinic the commands speak to when nobody says where its log and its databases are."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from shared.backup.plan import RECIPIENT, BackupPlan
from shared.process import read_master_key
from shared.security.audit.checkpoints import Checkpoints

FINDERS = "rapport.clinics"  # entry points under which a way of running Rapport offers how its clinics are found
_APP_URL = "_app_url"


class Away(Exception):
    """A clinic is there but cannot be spoken to, or there is none; the message says what to do next."""


@dataclass(frozen=True, slots=True, repr=False)
class Trail:
    """One service's audit trail: its database, as role sealer_<service>, and what was signed of it elsewhere."""

    url: str
    checkpoints: Checkpoints | None


@dataclass(frozen=True, slots=True, repr=False)
class Clinic:
    """A running clinic; its addresses hold passwords, so it has no repr."""

    folder: Path
    log: str
    databases: Mapping[str, str]  # service -> its database, as role app_<service>
    trails: Mapping[str, Trail]
    backup: BackupPlan | None = None


Finder = Callable[[Mapping[str, str]], Clinic | None]


def find_clinic(env: Mapping[str, str]) -> Clinic:
    """
    The first clinic that runs: in one process, as `make stack`, or in containers.

    Raises:
        Away: none runs here; of several that are there it is the first that is named.
    """
    away: list[Away] = []
    for find in (*_offered(), find_stack, find_containers):
        try:
            if clinic := find(env):
                return clinic
        except Away as error:
            away.append(error)
    if away:
        raise away[0]
    if named := env.get("RAPPORT_DATA"):
        raise Away(
            f"there is no clinic in {Path(named).absolute()}: RAPPORT_DATA names the folder of the clinic's data"
        )
    raise Away(
        f"there is no clinic in {Path.cwd()}: start one with `make run`, "
        "go to the folder where one was started, or name its data folder with RAPPORT_DATA"
    )


def find_stack(env: Mapping[str, str]) -> Clinic | None:
    """The clinic that `make stack` runs: its folder holds `secrets`, and the address of its Kafka."""
    folder = Path(env.get("RAPPORT_DATA") or "var/stack").expanduser().absolute()
    if not can_enter(folder / "secrets"):
        return None
    try:
        kafka = (folder / "kafka.address").read_text().strip()
    except FileNotFoundError:
        kafka = ""
    databases = {
        path.name.removesuffix(_APP_URL): path.read_text().strip()
        for path in sorted((folder / "secrets").glob(f"*{_APP_URL}"))
    }
    if not (kafka and databases) or not all(answers(url) for url in databases.values()):
        raise Away(f"the clinic in {folder} does not run: start it with `make stack`")
    trails = {name: _trail_of(folder, name) for name in databases}
    return Clinic(folder, f"kafka://{kafka}", databases, trails, _stack_backup(folder))


def _trail_of(folder: Path, name: str) -> Trail:
    secrets = folder / "secrets"
    seed = read_master_key((secrets / f"{name}_checkpoint_key").read_text().strip())
    url = (secrets / f"{name}_sealer_url").read_text().strip()
    return Trail(url, Checkpoints(folder / "checkpoints", name, seed))


def _stack_backup(folder: Path) -> BackupPlan | None:
    secrets = folder / "secrets"
    if not (secrets / RECIPIENT).exists():  # made by an earlier release, and not started since
        return None
    return BackupPlan(
        server=(secrets / "backup_url").read_text().strip(),
        recipient=(secrets / RECIPIENT).read_text().strip(),
        seed=read_master_key((secrets / "backup_seed").read_text().strip()),
        folder=folder.with_name(f"{folder.name}.backups"),
        keys=secrets,
        apart_from=(folder,),
    )


def find_containers(env: Mapping[str, str]) -> None:
    """Raises Away where `make up` keeps its secrets: its log and databases are reached from inside alone."""
    folder = Path("secrets").absolute()
    if not env.get("RAPPORT_DATA") and can_enter(folder) and (folder / "admin_url").exists():
        raise Away(
            f"the clinic of {folder} runs in containers: run the command inside each service's, such as "
            "`docker compose exec intake-worker python -m shared.cli events lag`"
        )


def can_enter(folder: Path) -> bool:
    """Tell whether the folder is there. Raises Away when it is somebody else's."""
    try:
        os.listdir(folder)  # noqa: PTH208 - asks as the system does, whoever we are
    except (FileNotFoundError, NotADirectoryError):
        return False
    except PermissionError as error:
        raise Away(f"{folder} is not yours to read: run the command as the user who runs the clinic") from error
    return True


def answers(url: str) -> bool:
    """Tell whether a PostgreSQL server is there, without signing in."""
    return PGconn.ping(make_conninfo(url, connect_timeout=2).encode()) != Ping.NO_RESPONSE


def _offered() -> list[Finder]:
    return [point.load() for point in sorted(entry_points(group=FINDERS))]
