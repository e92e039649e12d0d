"""Measures: the registry of questionnaires, their licences and wordings, and how answers become totals."""
