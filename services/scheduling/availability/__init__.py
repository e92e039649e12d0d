"""When practitioner and client are free."""
