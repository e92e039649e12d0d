"""Everybody the clinic knows, and finding one of them."""
