"""Strain and repair across clients: what is open, and what became of the others."""
