"""Figures made again from an export, by anybody, without the program."""
