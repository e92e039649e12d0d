"""Who works with whom, as intake tells it, and whose diary an asker sees."""
