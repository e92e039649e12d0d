"""What one's second step is: an app for codes, passkeys, recovery codes."""
