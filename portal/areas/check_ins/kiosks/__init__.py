"""Tablets in the waiting room: added, listed, ended."""
