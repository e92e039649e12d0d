"""Outcome: how answers on outcome measures have moved since treatment began, by published constants."""
