"""`rapport backup`, `rapport backup-keys`, `rapport restore-keys`: so that nothing is lost."""

import io
import os
import tarfile
import time
from dataclasses import replace
from pathlib import Path

import click
import psycopg

from shared.backup.plan import NEWEST_KEY, RECOVERY_KEY, BackupPlan, BackupRefused
from shared.cli.clinics import Away, find_clinic
from shared.cli.connections import Unavailable, example
from shared.clock import utc_now
from shared.files import write_whole
from shared.process import read_master_key
from shared.settings import ConfigurationError, Setting, read_settings

URL = Setting("RAPPORT_BACKUP_URL", "the PostgreSQL server as role rapport_backup", "", str, secret=True)
KEY = Setting("RAPPORT_BACKUP_RECIPIENT", "the public half of the recovery key (age1...)", None)
SEED = Setting(
    "RAPPORT_BACKUP_SEED",
    "32 bytes in base64 that sign what a backup says of itself",
    None,
    read_master_key,
    secret=True,
)
SETTINGS = (URL, KEY, SEED)
_SHORTEST = 12  # characters of a passphrase


@click.command(
    epilog=example(
        "rapport backup                      # where the clinic's settings say",
        "rapport backup --to /mnt/second/rapport",
    )
)
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Folder of the backups; best on another disk.")
def backup(folder: Path | None) -> None:
    """
    Back up all databases as they are at one moment, while the clinic works.

    The file is encrypted to the recovery key's public half: this machine can write it and not
    read it. For the newest in the clinic's own folder a key is kept, for the weekly drill. Names
    stay sealed inside, by keys that are in no backup: keep those by `rapport backup-keys`.

    Without a clinic that is found here, RAPPORT_BACKUP_URL, RAPPORT_BACKUP_RECIPIENT and
    RAPPORT_BACKUP_SEED say what and how, and --to says whereto.
    """
    from shared.backup.snapshot import NoMoment  # noqa: PLC0415 - the library is not in every image
    from shared.backup.standing import name_of  # noqa: PLC0415
    from shared.backup.taking import take  # noqa: PLC0415

    plan = _plan(folder)
    try:
        while (plan.folder / name_of(now := utc_now())).exists():
            time.sleep(0.05)  # the clinic took one by itself in this very second, and a file is named by its second
        taken = take(plan, now, say=lambda line: click.echo(line, err=True))
    except BackupRefused as error:
        raise click.ClickException(str(error)) from error
    except (NoMoment, psycopg.Error) as error:
        raise Unavailable(str(error).strip().splitlines()[-1]) from error
    except OSError as error:
        raise click.ClickException(f"{plan.folder}: {error.strerror or error}") from error
    manifest = taken.manifest
    click.echo(
        f"{taken.file}: {taken.size / 1_000_000:.1f} MB in {taken.seconds:.1f} s, "
        f"{len(manifest.databases)} databases, {manifest.rows} rows, read back and whole."
    )
    if plan.keys is not None and (plan.keys / RECOVERY_KEY).exists():
        click.echo(
            f"The recovery key still lies in {plan.keys}: keep a copy elsewhere (`rapport backup-keys`), "
            f"then delete {RECOVERY_KEY} here.",
            err=True,
        )


def _plan(folder: Path | None) -> BackupPlan:
    try:
        server = read_settings(os.environ, [URL])[URL.name]
        if server:
            if folder is None:
                raise click.UsageError("say whereto with --to")
            values = read_settings(os.environ, [KEY, SEED])
            return BackupPlan(server, values[KEY.name], values[SEED.name], folder, None, ())
        plan = find_clinic(os.environ).backup
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from error
    except Away as error:
        raise Unavailable(str(error)) from error
    if plan is None:
        raise click.UsageError(
            "this clinic takes no backups (RAPPORT_BACKUPS=none), or was not started since an upgrade"
        )
    if folder is None or folder.absolute() == plan.folder:
        return plan
    # The drill tries the newest in the clinic's own folder: its key stays.
    return replace(plan, folder=folder.absolute(), keys=None)


_passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read the passphrase from a file instead of asking.",
)


@click.command("backup-keys", epilog=example("rapport backup-keys /media/stick/clinic-keys.age"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--keys", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The folder of the keys.")
@_passphrase_option
def backup_keys(file: Path, keys: Path | None, passphrase_file: Path | None) -> None:
    """
    Keep the keys: all of the key folder in one FILE, encrypted by a passphrase.

    Without the master key no name and no note can be read by anybody; without the recovery key
    no backup can be opened. Keep FILE apart from the backups, and the passphrase apart from FILE.
    """
    from pyrage import passphrase  # noqa: PLC0415

    folder = keys or _keys_here()
    if file.exists():
        raise click.ClickException(f"{file} is there already: nothing is overwritten")
    if folder.resolve() in file.resolve().parents:
        raise click.ClickException(f"{file} lies in {folder} itself: name a place away from this machine")
    words = _passphrase(passphrase_file, confirm=True)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name != NEWEST_KEY:
                tar.add(path, arcname=str(path.relative_to(folder)), filter=_nobodys)
        names = tar.getnames()
    write_whole(file, passphrase.encrypt(packed.getvalue(), words), mode=0o600)
    click.echo(f"{file}: {len(names)} files of {folder}. Keep it away from this machine and from the backups.")
    if RECOVERY_KEY in names:
        click.echo(
            f"Once it is there, delete {folder / RECOVERY_KEY}: then nobody with this machine reads old backups."
        )


@click.command("restore-keys", epilog=example("rapport restore-keys /media/stick/clinic-keys.age --to var/clinic.keys"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="The folder of the keys, empty.")
@_passphrase_option
def restore_keys(file: Path, folder: Path, passphrase_file: Path | None) -> None:
    """Bring the keys back that `rapport backup-keys` kept in FILE; the first step of every restore."""
    import pyrage  # noqa: PLC0415

    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty: nothing is overwritten")
    try:
        packed = pyrage.passphrase.decrypt(file.read_bytes(), _passphrase(passphrase_file, confirm=False))
    except pyrage.DecryptError as error:
        raise click.ClickException(f"{file} does not open: another passphrase, or the file is damaged") from error
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        tar.extractall(folder, filter="data")
        count = len(tar.getnames())
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else path.stat().st_mode & 0o644)
    click.echo(f"{folder}: {count} files.")


def _nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def _passphrase(file: Path | None, *, confirm: bool) -> str:
    words: str = (
        file.read_text().strip()
        if file
        else click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True)
    )
    if confirm and len(words) < _SHORTEST:
        raise click.UsageError(f"a passphrase has at least {_SHORTEST} characters: five words or more are good")
    return words


def _keys_here() -> Path:
    """The key folder of the clinic that RAPPORT_DATA names, or that lies below the folder we stand in."""
    if named := os.environ.get("RAPPORT_KEYS"):
        return Path(named)
    data = Path(os.environ.get("RAPPORT_DATA") or "var/clinic")
    stack = Path(os.environ.get("RAPPORT_DATA") or "var/stack") / "secrets"
    for folder in (data.with_name(f"{data.name}.keys"), stack):
        if folder.is_dir():
            return folder
    raise click.UsageError("there are no keys here: name their folder with --keys")
