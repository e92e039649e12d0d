"""
The staff's front door: server-rendered HTML over the three services.

Owns: staff accounts, sign-ins, the access log. Publishes: nothing. Listens to: nothing.
Clinical data stay in the services; only here do ids become names, by one look-up a page.
"""
