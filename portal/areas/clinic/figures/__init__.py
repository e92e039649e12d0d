"""The clinic's figures: how forms come back and, for the clinical lead, what becomes of ruptures."""
