"""Add a tablet, whose address is shown once; see which there are; end one that was lost."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.clients.feedback.check_ins import Kiosk
from portal.clients.service_client import ServiceRefused, or_unavailable, there
from portal.clinic_time import local, local_day
from portal.kit.forms import Filled, submit
from portal.kit.wording.refusals import away_sentence
from portal.kit.wording.states import Tag
from portal.kit.wording.times import ago, day_and_hour, hour, plain_day
from portal.request_context import request_context
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("kiosks", __name__)
DONE = {"ended": "The tablet opens nothing from now on. Its page tells whoever stands there to ask at the desk."}


@dataclass(frozen=True, slots=True)
class KioskLine:
    """One tablet in words."""

    id: UUID
    label: str
    tag: Tag
    facts: str
    may_end: bool


@screen.get("/clinic/tablets")
@requires(access.TABLETS)
def index() -> str:
    return _page(Filled())


@screen.post("/clinic/tablets")
@requires(access.TABLETS)
def add() -> str | tuple[str, int]:
    """A new one; the address that makes it ours is on the next page and nowhere else."""
    current, filled = request_context(), Filled(request.form)
    label = filled.text("label", "Enter where it stands", most=40)
    if filled.problems:
        return _page(filled), 422
    try:
        made = current.check_ins.add_kiosk(label, key=filled.get("key"))
    except ServiceRefused as refused:
        filled.take_refusal(refused, {"label": "label"})
        return _page(filled), refused.status
    address = f"{current.dependencies.checkin_base_url.rstrip('/')}/kiosk/enrol/{made.token}"
    return render_template("areas/check_ins/kiosks/added.html", label=made.label, address=address)


@screen.post("/clinic/tablets/<uuid:kiosk_id>/ending")
@requires(access.TABLETS)
def end(kiosk_id: UUID) -> str | Response | tuple[str, int]:
    """It was lost or put away."""
    filled = Filled(request.form)
    return submit(
        filled,
        lambda: request_context().check_ins.end_kiosk(kiosk_id, key=filled.get("key")),
        page=lambda: _page(filled),
        done=url_for("kiosks.index", done="ended"),
    )


def _page(filled: Filled) -> str:
    current = request_context()
    found = or_unavailable(current.check_ins.kiosks)
    kiosks = there(found) or ()
    return render_template(
        "areas/check_ins/kiosks/index.html",
        lines=[_line(kiosk, current.now, current.zone) for kiosk in kiosks],
        away=away_sentence(found),
        filled=filled,
        done=DONE.get(request.args.get("done", ""), ""),
    )


def _line(kiosk: Kiosk, now: datetime, zone: ZoneInfo) -> KioskLine:
    added = f"Added on {plain_day(local_day(kiosk.enrolled_at, zone))}"
    used = f", last used {ago(kiosk.last_used_at, now, zone)}" if kiosk.last_used_at else ", not used yet"
    if kiosk.ended_at:
        return KioskLine(
            kiosk.id,
            kiosk.label,
            Tag("Ended", "cancelled", "quiet"),
            f"{added}, ended {day_and_hour(local(kiosk.ended_at, zone))}",
            may_end=False,
        )
    is_paused = kiosk.paused_until is not None and kiosk.paused_until > now
    until = hour(local(kiosk.paused_until, zone)) if kiosk.paused_until else ""
    tag = Tag(f"Paused until {until}: wrong codes", "warn", "warn") if is_paused else Tag("In use", "ok", "ok")
    return KioskLine(kiosk.id, kiosk.label, tag, added + used, may_end=True)
