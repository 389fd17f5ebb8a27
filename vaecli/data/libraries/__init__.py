"""The sets of other libraries, `keras:`, `tfds:` and `hf:`: loaded once, by a process of its own.

Its worker is that process, and the only file of the room that may import the libraries.
"""
