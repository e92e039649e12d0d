"""What happens because time passes: the independent check that nobody is in two places at once."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from services.scheduling.appointments import queries
from shared.database import Tx
from shared.metrics import Metric
from shared.scope import system_scope
from shared.security.audit.unusual import note_unusual
from shared.service import Job

OVERLAPS = Metric(
    "scheduling_overlap_violations",
    "gauge",
    (),
    "Pairs of appointments that overlap on one practitioner, client or room; must be 0.",
    across="mostrecent",
)
METRICS = (OVERLAPS,)

_log = structlog.get_logger(__name__)


def check_overlaps(tx: Tx, now: datetime) -> Mapping[Metric, float]:
    """Count overlaps by a way that shares nothing with the constraint which forbids them."""
    found = queries.overlap_violations(tx, scope=system_scope("check overlaps"), now=now)
    if found:
        _log.error("appointments overlap", pairs=found)
    return {OVERLAPS: found}


JOBS = (
    Job("check-overlaps", timedelta(minutes=10), check_overlaps),
    Job("scheduling.note_unusual_access", timedelta(seconds=30), note_unusual),
)
