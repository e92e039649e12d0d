"""Cancellations: when one is late, and the codes that say why it happened."""

from datetime import datetime, timedelta

LATE_WITHIN = timedelta(hours=24)  # elapsed hours, so a change of the clocks makes nobody late

# Codes of http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason (CC0), those a
# psychotherapy clinic meets. The channel (by phone, by reminder) is not a reason and not in here.
REASONS: dict[str, str] = {
    "pat": "client unwell or busy",
    "pat-fb": "client feels better",
    "pat-lt": "no transport",
    "pat-mv": "client moved away",
    "pat-mt": "cover ended",
    "pat-ucp": "client unhappy with, or changed, therapist",
    "pat-swl": "client took an earlier hour",
    "pat-dec": "client died",
    "prov": "clinic cannot keep the hour",
    "prov-pers": "therapist ill or private",
    "prov-hosp": "therapist in hospital",
    "prov-edu": "therapist in training",
    "prov-dch": "therapy ended",
    "oth-room": "no room",
    "oth-int": "no interpreter",
    "oth-fin": "money",
    "oth-weath": "weather",
    "oth-err": "our mistake",
    "other": "other",
}

UNSTATED = {"client": "pat", "clinic": "prov"}  # the plainest code of each side, where no reason was given


def is_late(starts_at: datetime, cancelled_at: datetime) -> bool:
    """Tell whether a client's cancellation comes less than 24 elapsed hours before the hour, or after it began."""
    return starts_at - cancelled_at < LATE_WITHIN
