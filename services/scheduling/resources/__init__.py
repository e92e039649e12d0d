"""Whom and what an appointment needs: practitioners and rooms, their numbers and their locks."""
