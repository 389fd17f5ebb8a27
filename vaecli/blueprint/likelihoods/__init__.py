"""The likelihoods: one module each, called as the likelihood, whose `LIKELIHOOD` it is.

A module that is put here is a likelihood: it appears in help and completion, and is imported when it is
asked for.
"""
