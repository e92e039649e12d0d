"""Accounts of those who work here."""
