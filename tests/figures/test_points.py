"""What the points of a walk mean."""

import numpy as np
import pytest

from vaecli.errors import DataError, UsageError
from vaecli.figures.points import find_latents
from vaecli.latents import class_means


def latents_of(run, *points):
    return find_latents(run, 1, points, print)


def test_classes_images_and_latents_are_points(fabricate):
    run = fabricate(1, class_names=["sandal", "sneaker", "ankle boot"])
    snapshot = run.snapshot(1)
    points = ("Sandal", "ankle boot", "#7", "z:0.5,-1.2", np.array([3.0, 4.0]), [1, 2])
    latents, names = latents_of(run, *points)
    means = class_means(snapshot.mean, snapshot.labels, 3)
    wanted = [means[0], means[2], snapshot.mean[7], [0.5, -1.2], [3, 4], [1, 2]]
    np.testing.assert_allclose(latents, wanted, rtol=1e-6)
    assert names == ["sandal", "ankle boot", "#7 sneaker", "(0.5, −1.2)", "(3, 4)", "(1, 2)"]


def test_many_latents_have_a_short_name(fabricate):
    run = fabricate(1, latent_dim=4)
    assert latents_of(run, [1, 2, 3, 4])[1] == ["(1, 2, 3, …)"]


@pytest.mark.parametrize(
    ("point", "error", "message"),
    [
        (
            "sandel",
            DataError,
            "'sandel' is neither a class of toy nor a file.\nClasses: sandal.*\nDid you mean 'sandal'",
        ),
        ("z:1", UsageError, "'z:1' is not a latent.\nExpected: z: and 2 numbers"),
        ("z:1,x", UsageError, "'z:1,x' is not a latent"),
        ("z:1,nan", UsageError, "'z:1,nan' is not a latent"),
        ([1.0], UsageError, r"\[1.0\] is not a latent"),
        ("#60", DataError, "has no held-out image #60.\nExpected: one of the 60 that it follows, #0 to #59"),
        ("empty", DataError, "No held-out image of run toy-1 is a empty"),
    ],
)
def test_what_is_no_point_is_told(fabricate, point, error, message):
    run = fabricate(1, classes=2, class_names=["sandal", "sneaker", "empty"])
    with pytest.raises(error, match=message):
        latents_of(run, point)
