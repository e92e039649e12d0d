"""The three services. They share plumbing and event contracts, never code and never a database."""
