"""One's own account: the password, where one is signed in, what happened to it."""
