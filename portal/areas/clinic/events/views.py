"""What the services tell each other and those who build on Rapport."""

from flask import Blueprint, render_template

from portal.areas.clinic.events.presenters import present_contracts
from portal.kit.components.backups import backup_line
from portal.request_context import request_context
from portal.security.permissions import PAGES, requires
from shared.contracts import access
from shared.contracts.catalogue import all_contracts

screen = Blueprint("events", __name__)


@screen.get("/events")
@requires(PAGES["events"])
def catalogue() -> str:
    """Every event type with its fields and an example; nothing about anybody."""
    current = request_context()
    return render_template(
        "areas/clinic/events/catalogue.html",
        services=present_contracts(all_contracts()),
        backups=backup_line(current.dependencies.backups, current.now, current.zone)
        if current.may(access.UPKEEP)
        else None,
    )
