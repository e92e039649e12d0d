"""The first manager's account, by a one-time code."""
