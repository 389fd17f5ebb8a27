"""The sets with a name: what they are, where their files are, and how they are fetched and verified.

The only wing that opens the network or runs a package manager.
"""
