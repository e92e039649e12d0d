"""What shape comes in and goes out: requests (closed), answers, and events heard (open). Shape alone, no rules."""
