"""Everything in one process: embedded PostgreSQL, the three services, portal, check-in, demo clinic."""
