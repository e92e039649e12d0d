"""Who stands in for a therapist, from one day to another."""
