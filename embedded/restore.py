"""`rapport restore`: a clinic back from a backup."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
import psycopg

from embedded.backups import read_identities
from embedded.keys import KeyRing, KeysRefused, load_keys
from embedded.postgres import PostgresFailed
from embedded.restoring import (
    Restored,
    megabytes,
    put_aside,
    restore_into_folder,
    restore_into_server,
    scratch_restore,
)
from shared.backup.plan import NEWEST_KEY, RECOVERY_KEY, BackupRefused
from shared.cli.connections import Unavailable, example
from shared.clock import utc_now
from shared.database.provision import service_urls
from shared.database.roles import LOG_DATABASE
from shared.eventlog.connect import open_log
from shared.eventlog.interface import LogError
from shared.eventlog.moving import LogNotEmpty, copy_log, refuse_events
from shared.process import read_master_key, role_password

_FOLDER = click.Path(file_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class SecretsFolder:
    """The secrets of an installation of several processes, a file each (`deploy/secrets.py`)."""

    folder: Path

    def secret(self, label: str) -> bytes:
        """What signs backups, and what signs the checkpoints of a trail; raises KeysRefused for what is not there."""
        kind, _, name = label.partition("|")
        file = {"backup": "backup_seed", "audit": f"{name}_checkpoint_key"}[kind]
        try:
            return read_master_key((self.folder / file).read_text().strip())
        except (OSError, ValueError) as error:
            raise KeysRefused(f"{self.folder / file} cannot be used: restore it from its backup") from error

    def password(self, role: str) -> str:
        """The database password of a role."""
        try:
            return role_password((self.folder / "db_password_seed").read_text(), role)
        except OSError as error:
            raise KeysRefused(f"{self.folder}/db_password_seed: {error.strerror}") from error


def open_keys(folder: Path) -> KeyRing:
    """The secrets in a folder, of either form. Raises KeysRefused: they are missing or damaged."""
    if (folder / "db_password_seed").exists():
        return SecretsFolder(folder)
    return load_keys(folder)


@click.command(
    epilog=example(
        "rapport restore --verify BACKUP.tar.age --to var/clinic --key /media/stick/recovery.key",
        "rapport restore --verify BACKUP.tar.age        # prove that it can be restored, and leave nothing",
    )
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "target", help="The data folder to be, which is not there yet; or the URL of an empty server.")
@click.option("--verify", is_flag=True, help="Without --to: into a folder that is removed again after the checks.")
@click.option("--key", type=click.Path(exists=True, path_type=Path), help="File of the recovery key.")
@click.option(
    "--keys", type=_FOLDER, help="Folder of the keys of the clinic. Default: RAPPORT_KEYS, or beside the data."
)
@click.option("--checkpoints", type=_FOLDER, help="Folder of the signed checkpoints. Default: audit in the key folder.")
@click.option("--secrets", type=_FOLDER, help="With a URL: the secrets of the processes there (deploy/secrets.py).")
@click.option("--log", "log_url", help="With a URL: the empty Kafka that gets the events, kafka://host:port.")
def restore(
    *,
    file: Path,
    target: str | None,
    verify: bool,
    key: Path | None,
    keys: Path | None,
    checkpoints: Path | None,
    secrets: Path | None,
    log_url: str | None,
) -> None:
    """
    Bring a clinic back from the backup FILE, and prove that it is what it was.

    Restore the keys first (`rapport restore-keys`). Nothing is overwritten: the target has
    to be empty. The whole file is proved before anything is touched; afterwards every table
    is compared with what it held, and audit trails, checkpoints, pages and events are checked.
    The newest backup opens with the keys alone, every older one with the recovery key (--key).
    """
    if target is None and not verify:
        raise click.UsageError("say whereto with --to, or --verify to prove the backup and leave nothing")
    url = target if target is not None and ("://" in target or "dbname=" in target) else None
    if url is None and (secrets or log_url):
        raise click.UsageError("--secrets and --log go with the URL of a server")
    folder = Path(target or os.environ.get("RAPPORT_DATA") or "var/clinic").absolute()
    keys = keys or Path(os.environ.get("RAPPORT_KEYS") or folder.with_name(f"{folder.name}.keys"))
    aside = checkpoints or keys / "audit"
    say: Callable[[str], None] = lambda line: click.echo(line, err=True)  # noqa: E731
    try:
        ring = open_keys(keys)
        identities = read_identities([key] if key else [keys / RECOVERY_KEY, keys / NEWEST_KEY])
        if url is not None:
            if log_url:
                _check_empty(log_url)
            passwords: KeyRing = open_keys(secrets) if secrets else ring
            done = restore_into_server(file, url, passwords.password, ring, identities, checkpoints=aside, say=say)
            if log_url:
                _fill_log(url, passwords, log_url)
        elif target is None:
            scratch = folder.with_name(f"{folder.name}.trying")
            done = scratch_restore(file, scratch, ring, identities, checkpoints=aside, say=say)
        else:
            done = restore_into_folder(file, folder, ring, identities, checkpoints=aside, say=say)
    except (BackupRefused, KeysRefused, LogNotEmpty) as error:
        raise click.ClickException(str(error)) from error
    except (PostgresFailed, LogError) as error:
        raise Unavailable(str(error)) from error
    except psycopg.OperationalError as error:
        raise Unavailable(str(error).strip().splitlines()[-1]) from error
    # A clinic that moves leaves its old folders as they are.
    _tell(done, target, aside if checkpoints or url is None else None)


def _check_empty(log_url: str) -> None:
    log = open_log(log_url, name="restore")
    try:
        refuse_events(log, [name for name in log.topics() if name.startswith("rapport.")])
    finally:
        log.close()


def _fill_log(server: str, passwords: KeyRing, log_url: str) -> None:
    """The events of the restored databases, on another log."""
    source = open_log(service_urls(server, "intake", passwords.password).log, name="restore")
    target = open_log(log_url, name="restore")
    try:
        copied = copy_log(source, target)
    finally:
        source.close()
        target.close()
    total = sum(copied.values())
    click.echo(f"{total} events lie on the new log, the same as before; {LOG_DATABASE} may be dropped.", err=True)


def _tell(done: Restored, target: str | None, checkpoints: Path | None) -> None:
    if target is not None and checkpoints is not None:
        for name, file in put_aside(done.ahead, checkpoints, utc_now()).items():
            click.echo(
                f"{name}: {done.ahead[name]} entries of the audit trail were signed after this backup; what was "
                f"signed is kept in {file}, and a new file begins."
            )
    where = f"{target} is" if target is not None and "://" not in target else "It is" if target else "It can be brought"
    click.echo(
        f"{where} back as of {done.manifest.made_at:%Y-%m-%d %H:%M:%S} UTC: {megabytes(done.size)}, "
        f"{done.manifest.rows} rows, in {done.seconds:.1f} s."
    )
