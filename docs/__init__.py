"""Pages about Rapport; two of them are written by `docs.generate` from what the code declares."""
