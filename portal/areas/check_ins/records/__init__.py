"""Check-ins as they were kept: looked at with their history, put right."""
