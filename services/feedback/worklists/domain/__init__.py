"""In which order people are listed, and for which reasons. Pure functions only."""
