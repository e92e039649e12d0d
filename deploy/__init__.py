"""Running Rapport: images, a broker without Docker, the native stack, secrets, the smoke test."""
