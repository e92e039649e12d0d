"""The registry of measures: what each is for, what is known of it, and bringing its words."""
