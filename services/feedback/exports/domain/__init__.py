"""What an export holds: its requests, columns and pseudonyms, as CSV and as FHIR."""
