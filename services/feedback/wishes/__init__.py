"""Wishes for next time, in the client's own words, and what they say became of them."""
