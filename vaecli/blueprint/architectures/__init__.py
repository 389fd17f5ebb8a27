"""The architectures: one module each, called as the architecture, whose `ARCHITECTURE` it is.

A module that is put here is an architecture: it appears in help and completion, and is imported when it
is asked for. Its function draws, for any height × width × channels, an encoder of images to mean and
log_var `(latent_dim,)` and a decoder of latents to logits of the pixels. Every layer has a fixed
name, since weights are stored by name and their initial values follow from it.
"""
