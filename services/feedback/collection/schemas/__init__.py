"""The shapes of offers, forms, check-ins, tablets and plans, and of incoming events."""
