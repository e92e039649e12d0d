"""Who asks: accounts, sign-ins, rights, forged requests, headers, the access log."""
