"""The networks of others, one module each: their layers, initial weights and optimizer as their sources say.

`ARCHITECTURES.look_in` takes this folder for architectures, which no help lists. What is trained
with them can be read where the same was done. The tutorial's network is vaecli's own `post`.
"""
