"""Opening one client for an hour, with a reason."""
