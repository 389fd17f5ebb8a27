"""Arrays to pictures: every figure that vaecli draws, as uint8 frames, and their encoding.

Each function returns frames `(height, width, 3)`: one for a still, a lazy sequence for an
animation. `encode` and `save` turn frames into GIF, PNG, WebP or MP4.
"""
