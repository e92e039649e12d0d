"""Exports: figures taken along as files, for a reason that is written down."""
