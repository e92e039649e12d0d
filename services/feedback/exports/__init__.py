"""Exports: figures and courses as files, CSV and FHIR R4, for a written-down reason and without names."""
