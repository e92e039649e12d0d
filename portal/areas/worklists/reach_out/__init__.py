"""Who might be glad of a few warm words, and why."""
