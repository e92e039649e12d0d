"""The event log's contract, kept by PostgreSQL and by a real Kafka alike."""
