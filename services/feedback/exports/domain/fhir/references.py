"""URIs and references of what we say in FHIR."""

from typing import Any
from uuid import UUID

BASE = "https://rapport.example/fhir"
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
MIN_VALUE = "http://hl7.org/fhir/StructureDefinition/minValue"
MAX_VALUE = "http://hl7.org/fhir/StructureDefinition/maxValue"
# Totals that LOINC has a code for; all others are ours.
TOTALS = {"phq-9": ("44261-6", "PHQ-9 total"), "gad-7": ("70274-6", "GAD-7 total")}

Resource = dict[str, Any]


def urn(an_id: UUID) -> str:
    """How an entry is known within its bundle."""
    return f"urn:uuid:{an_id}"


def reference(kind: str, an_id: UUID) -> dict[str, str]:
    """A reference to another entry of the bundle."""
    return {"reference": urn(an_id), "type": kind}


def questionnaire_url(measure_id: str) -> str:
    """The canonical URL of a measure, without its version."""
    return f"{BASE}/Questionnaire/{measure_id}"


def answers_of(measure_id: str, item_id: str) -> str:
    """The code system of one item's answers: the same word may mean another thing elsewhere."""
    return f"{BASE}/CodeSystem/{measure_id}-{item_id}"
