"""The named sets, one in each module: its facts, and how it is loaded.

A module here is imported to list the set, so whatever needs NumPy is imported where it is used.
"""
