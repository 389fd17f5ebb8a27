"""vaecli trains variational autoencoders on images and shows how they learn."""

__version__ = "0.1.0"
