"""Reporting: the clinic's figures by quarter and year, each with its definition and its n, none about a person."""
