"""The people: finding them, one person's page, their hours, and how they came to the clinic."""
