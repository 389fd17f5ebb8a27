"""A small classifier of images, in whose features sets of images are compared.

Pixels are a poor measure of likeness, since a shift by one changes most of them. Features by which a network
tells classes apart ignore what does not matter to these. The distances that are best known take the features
of a network that was trained on photographs (Heusel et al., 2017), which mean little for other images; here
they are those of a network that was trained on the same images.
"""

from __future__ import annotations

from vaecli.blueprint.drafting import Draft, ImageShape
from vaecli.blueprint.halves import Half
from vaecli.blueprint.layers import Activation, Initial

FEATURES = 64

_KEEP = Initial(2.0, "in")  # He et al. (2015, eq. 10)
_FILTERS = (32, 64, 64, 64, 64, 64)  # of each halving of the sides


def classifier(shape: ImageShape, classes: int) -> Half:
    """Draw a classifier of images.

    Args:
        shape: `(height, width, channels)` of an image.
        classes: How many classes there are.

    Returns:
        Images in [0, 1] → features `(FEATURES,)` and logits `(classes,)`.

    >>> classifier((28, 28, 1), 10).shapes["flatten"], classifier((64, 48, 3), 2).shapes["flatten"]
    ((3136,), (3072,))
    """
    make = Draft("classifier", "images", shape)
    x, side = make.given, max(shape[:2])
    for index, filters in enumerate(_FILTERS):
        if index and side <= 8:
            break
        x = make.conv(x, filters, 5 if index == 0 else 3, 2, f"conv_{index}", "relu", _KEEP)
        side = max(x.shape[:2])
    features = make.dense(make.flat(x), FEATURES, "features", initial=_KEEP)  # (FEATURES,)
    active = make.add(Activation, "active", features, function="relu")
    return make.half(features, make.dense(active, classes, "classes"))  # (classes,)
