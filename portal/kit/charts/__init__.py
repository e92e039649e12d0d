"""
Charts: numbers in, a figure out; pure, no script, the same picture on screen and on paper.

Owns: how a course of check-ins is drawn, said in a sentence and written as a table. It
computes no threshold and no state: what is drawn is what the feedback service said.
"""
