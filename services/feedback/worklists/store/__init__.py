"""Caseloads and the reach-out list, ordered and cut by the database."""
