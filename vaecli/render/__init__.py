"""Arrays to pictures: every figure that vaecli draws, as uint8 frames, and their encoding.

Each function takes arrays and returns frames `(height, width, 3)`: one for a still, a lazy
sequence for an animation. Nothing here opens a run, a network or a window.

    scatter          the held-out means, coloured by class, epoch by epoch; runs side by side
    grid             decoded grids without seams, alone or beside the scatter
    reconstructions  originals over what the network makes of them
    walk             a walk as filmstrip or animation, alone or on the scatter
    traversal        a row of images per latent, or each latent moved to and fro
    curves           figures against epochs or seconds, a panel for each
    sheet            images in rows by class, or one after the other
    encode           frames to GIF, PNG, WebP or MP4, in any binary stream
"""
