"""What clients agreed to, and took back."""
