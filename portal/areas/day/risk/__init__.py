"""Answers about hurting oneself that somebody has to read, and what came of it."""
