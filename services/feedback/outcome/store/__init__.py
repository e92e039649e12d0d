"""Totals on outcome measures, and finished cases counted once a day."""
