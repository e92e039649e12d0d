"""Sessions about which something can be entered."""

from collections.abc import Sequence

from portal.clients.scheduling import Appointment
from portal.kit.components.hour import local
from portal.kit.wording.states import status_tag
from portal.kit.wording.times import day_and_hour

_ENTERABLE = frozenset({"booked", "arrived", "completed"})


def session_options(hours: Sequence[Appointment]) -> list[tuple[str, str]]:
    """Sessions about which a form can be entered, the latest first, as pairs of id and words."""
    return [
        (str(hour.id), f"{day_and_hour(local(hour)[0])}, {status_tag(hour.status).word.lower()}")
        for hour in sorted(hours, key=lambda h: h.starts_at, reverse=True)
        if hour.status in _ENTERABLE
    ]
