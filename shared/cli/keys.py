"""`rapport token`, `rapport key`, `rapport urls`: keys of operators and URLs of processes."""

import base64
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import click

from shared.cli.connections import example
from shared.clock import utc_now
from shared.database.provision import service_urls
from shared.process import read_master_key, role_password
from shared.security.tokens import SEED_BYTES, Signer, key_from_seed


@click.command(
    epilog=example(
        "rapport token --key-file operator.key --service intake --purpose 'smoke test'",
        'curl -H "Authorization: Bearer $(rapport token ...)" http://127.0.0.1:8101/v1/...',
    )
)
@click.option(
    "--key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    envvar="RAPPORT_OPERATOR_KEY_FILE",
    show_envvar=True,
    help="The private key, as `rapport key` made it.",
)
@click.option("--service", "audience", required=True, help="The service it is for, such as intake.")
@click.option("--role", "roles", multiple=True, default=("operator",), show_default=True, help="Role, repeatable.")
@click.option("--purpose", required=True, help="What for, in a few words; goes to the audit trail.")
@click.option("--actor", type=click.UUID, help="Your staff id, if you have one.")
@click.option("--issuer", default="operator", show_default=True, help="Whose key it is.")
def token(
    *, key_file: Path, audience: str, roles: Sequence[str], purpose: str, actor: UUID | None, issuer: str
) -> None:
    """Make a token for one minute of calls to a service's API."""
    try:
        key = key_from_seed(read_master_key(key_file.read_text().strip()))
    except ValueError as error:
        raise click.ClickException(f"{key_file}: {error}") from error
    signer = Signer(key, issuer)
    click.echo(signer.token(audience=audience, actor=actor, roles=roles, purpose=purpose, now=utc_now()))


@click.command(epilog=example("rapport key operator.key"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--issuer", default="operator", show_default=True, help="Whose key it will be.")
def key(file: Path, issuer: str) -> None:
    """
    Make a key for signing tokens: the private part goes to FILE (mode 0400), never overwritten.

    Prints the public part, to be put into RAPPORT_TOKEN_KEYS of the services.
    """
    seed = secrets.token_bytes(SEED_BYTES)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    with os.fdopen(descriptor, "w") as out:
        out.write(base64.b64encode(seed).decode() + "\n")
    click.echo(json.dumps({issuer: key_from_seed(seed).as_dict(private=False)}))


@click.command(
    epilog=example(
        "RAPPORT_ADMIN_URL=postgresql://... RAPPORT_DB_PASSWORD_SEED=... rapport urls intake",
    )
)
@click.argument("service")
@click.option(
    "--admin",
    envvar="RAPPORT_ADMIN_URL",
    required=True,
    show_envvar=True,
    help="The URL that migrate uses; names the server.",
)
@click.option(
    "--seed", envvar="RAPPORT_DB_PASSWORD_SEED", required=True, show_envvar=True, help="The seed that migrate uses."
)
def urls(service: str, admin: str, seed: str) -> None:
    """
    Print the URLs with which SERVICE's processes reach their database, passwords included.

    Put each where only its process can read it: RAPPORT_APP_URL for web and worker,
    RAPPORT_RELAY_URL and RAPPORT_SEALER_URL for the worker (of the portal: for its web process).
    """
    found = service_urls(admin, service, lambda role: role_password(seed, role))
    click.echo(f"RAPPORT_APP_URL={found.app}")
    click.echo(f"RAPPORT_RELAY_URL={found.relay}")
    click.echo(f"RAPPORT_SEALER_URL={found.sealer}")
