"""Signing in and out, the first account, and the page one starts from."""
