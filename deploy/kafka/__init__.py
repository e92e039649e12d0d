"""An Apache Kafka broker without Docker, for tests and development."""
