"""Weekly series of appointments."""
