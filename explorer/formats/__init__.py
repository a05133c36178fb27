"""Weights in the layouts of others: read, checked, compared with what was expected, and written again.

A layout is a table that says for each parameter of the delay graph where in the file it stands. Reading follows it in
one direction and writing in the other.
"""
