"""What asks the feedback service, one module a purpose."""
