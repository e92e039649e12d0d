"""Referrals: received, and decided."""
