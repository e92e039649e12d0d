"""Clients, consents and allocations as intake told of them, and the conditions under which a row is visible."""
