"""Where appointments are kept, and what they keep busy."""
