"""What is read for an export, and for one client's copy."""
