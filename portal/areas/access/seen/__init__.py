"""Who saw a client, and what a colleague looked at."""
