"""Clients as feedback knows them, and the clinic's days."""
