"""
Code sets: the short codes that travel, with the words people read.

Source: NHS Data Model and Dictionary, as used in the Improving Access to Psychological
Therapies Data Set: SOURCE OF REFERRAL FOR MENTAL HEALTH SERVICES and END OF CARE REASON.
The labels are ours.
"""

from dataclasses import dataclass

REFERRAL_SOURCES: dict[str, str] = {
    "A1": "GP",
    "A2": "Health visitor",
    "A3": "Other primary care",
    "A4": "Maternity service",
    "B1": "Self",
    "B2": "Carer or relative",
    "C1": "Social services",
    "C2": "School or university",
    "D1": "Employer",
    "D2": "Occupational health",
    "E1": "Police",
    "E3": "Probation service",
    "G4": "Voluntary organisation",
    "H1": "Emergency department",
    "H2": "Other hospital department",
    "M6": "Other",
}


@dataclass(frozen=True, slots=True)
class EndingReason:
    """Why care ended, or never began; `taken_on` says whether the person had been taken on for therapy."""

    label: str
    taken_on: bool


ENDING_REASONS: dict[str, EndingReason] = {
    "50": EndingReason("Not assessed", taken_on=False),
    "10": EndingReason("Not suitable for us; no action, or back to the referrer", taken_on=False),
    "11": EndingReason("Not suitable for us; signposted elsewhere by agreement", taken_on=False),
    "12": EndingReason("Ended by agreement after advice and support", taken_on=False),
    "13": EndingReason("Referred to another therapy service by agreement", taken_on=False),
    "14": EndingReason("Suitable, but therapy was declined", taken_on=False),
    "16": EndingReason("Assessment not completed", taken_on=False),
    "17": EndingReason("Died before being taken on", taken_on=False),
    "95": EndingReason("Not known (not taken on)", taken_on=False),
    "46": EndingReason("Completed, by mutual agreement", taken_on=True),
    "47": EndingReason("Ended earlier than the therapist planned", taken_on=True),
    "48": EndingReason("Ended earlier than the client wished", taken_on=True),
    "49": EndingReason("Died during therapy", taken_on=True),
    "96": EndingReason("Not known (taken on)", taken_on=True),
}
NOT_TAKEN_ON = frozenset(code for code, reason in ENDING_REASONS.items() if not reason.taken_on)
NOT_ASSESSED = "50"
