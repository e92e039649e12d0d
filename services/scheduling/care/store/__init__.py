"""Clients and their allocations as intake told of them, and the condition under which a diary is read."""
