"""Pictures of runs: each function takes a run and gives a `Figure`.

A figure knows its frames, how it is saved, and how a notebook shows it. Nothing here prints, and nothing
parses what a user typed.

    latent_plot    the latent means of the held-out images, epoch by epoch; runs side by side
    grid           decoded images of a grid of latents, alone or beside the scatter; draws from the prior
    reconstruct    images over what the network makes of them
    interpolate    the images on the way from one latent to another
    traverse       one latent after the other moved, the rest held
    curves         how trainings went: −ELBO, its parts and the learning rate, against epochs or seconds
    explore        a run as one HTML page that decodes
    sheet          images of a dataset, or decoded ones, on one sheet
"""
