"""`python -m checkin`: serves the client's form until SIGTERM."""

import os
import sys
from collections.abc import Mapping
from typing import Any

import click
from flask import Flask

from checkin.app import CheckinDependencies, create_checkin
from shared.front_end import CLINIC, LISTENING, SECURE, TOKEN_SEED, front_end_config, require_start, settings_help
from shared.process import EX_CONFIG
from shared.security.tokens import Signer, key_from_seed
from shared.settings import ConfigurationError, Setting, read_settings
from shared.start_checks import StartRefused, one_per_line
from shared.web.server import serve

FEEDBACK_URL = Setting("RAPPORT_FEEDBACK_URL", "where the feedback service answers, such as http://feedback:8000")
SETTINGS = (TOKEN_SEED, FEEDBACK_URL, CLINIC, SECURE, *LISTENING)


def run(values: Mapping[str, Any]) -> None:
    """Serve the form; no database, no key but the one it signs with."""
    require_start("checkin", values, services=[values[FEEDBACK_URL.name]], secrets=[TOKEN_SEED])
    config = front_end_config("checkin", values)

    def build() -> Flask:
        return create_checkin(
            CheckinDependencies(
                signer=Signer(key_from_seed(values[TOKEN_SEED.name]), "checkin"),
                base_url=values[FEEDBACK_URL.name].rstrip("/"),
                clinic_name=values[CLINIC.name],
                secure_cookies=values[SECURE.name],
                inner_port=config.inner_port,
            )
        )

    serve(build, config)


@click.command(epilog=settings_help(SETTINGS), context_settings={"max_content_width": 140})
def main() -> None:
    """The client's check-in form, the only part that may face the internet."""
    run(read_settings(os.environ, SETTINGS))


if __name__ == "__main__":
    try:
        main()
    except (ConfigurationError, StartRefused) as error:
        click.echo(one_per_line(str(error).splitlines(), "checkin"), err=True)
        sys.exit(EX_CONFIG)
