"""
The client's check-in form: the only part of Rapport that may face the internet.

Owns: the pages of one form, from the one-time link to the thank-you. It keeps no answer, no
name and no history: each answer goes to the feedback service as soon as it is given, and a
cookie holds nothing but the handle of that one form. Talks to: feedback, by four routes.
"""
