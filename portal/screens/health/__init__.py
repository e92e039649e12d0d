"""Whether the portal is alive and ready, for machines."""
