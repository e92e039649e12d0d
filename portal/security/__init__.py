"""Who is at the door: accounts, sign-ins, rights, forged requests, headers, the access log."""
