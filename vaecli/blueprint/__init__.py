"""A network as data: layers, the shapes and tensors that follow from them, and a pass in NumPy.

This package uses neither TensorFlow nor files. Importing it, and drawing a network, needs the standard
library alone; `Interpreter` and the check of weights need NumPy.

    layers          the kinds of layers: shapes, tensors, what each computes
    halves          encoder or decoder: a row of layers
    drafting        what architectures are written with
    architectures/  one file each
    likelihood      what a likelihood is, and what it computes with
    likelihoods/    one file each
    network         the whole: encoder, decoder, likelihood
    forward         the whole with weights, as a function of arrays
"""
