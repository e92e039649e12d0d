"""What figures are taken along for."""

CLINIC_REASONS = {
    "research": "Research",
    "service_evaluation": "Looking at how this service does",
}


COURSE_REASONS = {
    "client_request": "This client asked for it",
    "care": "Care",
    "handover": "Handing over to a colleague",
    "supervision": "Supervision",
}
