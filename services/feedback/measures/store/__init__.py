"""Definition files, and the wordings that clinics brought."""
