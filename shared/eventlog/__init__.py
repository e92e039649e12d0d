"""The event log behind one interface: PostgreSQL for one machine, Kafka for many (docs/adr)."""
