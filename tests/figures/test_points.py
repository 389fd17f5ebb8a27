"""What points of latent space are called."""

import numpy as np
import pytest

from vaecli.data import load_dataset
from vaecli.errors import DataError, UsageError
from vaecli.figures.points import find_places, with_originals
from vaecli.latents import class_means, typical_member


def places_of(run, *points, **more):
    return find_places(run, 1, points, print, **more)


def test_classes_images_and_latents_are_points(fabricate):
    run = fabricate(1, class_names=["sandal", "sneaker", "ankle boot"])
    snapshot = run.snapshot(1)
    sandal, boot = (typical_member(snapshot.mean, snapshot.labels, label) for label in (0, 2))
    places = places_of(run, "Sandal", "ankle boot", "#7", "z:0.5,-1.2", np.array([3.0, 4.0]), [1, 2])
    wanted = [snapshot.mean[sandal], snapshot.mean[boot], snapshot.mean[7], [0.5, -1.2], [3, 4], [1, 2]]
    np.testing.assert_allclose([place.latent for place in places], wanted, rtol=1e-6)
    names = ["sandal", "ankle boot", "#7 sneaker", "(0.5, −1.2)", "(3, 4)", "(1, 2)"]
    assert [place.name for place in places] == names
    assert [place.index for place in places] == [sandal, boot, 7, None, None, None]


def test_a_sum_of_points_is_a_point(fabricate):
    run = fabricate(1, class_names=["ankle boot", "t-shirt", "up - down"])
    snapshot = run.snapshot(1)
    boot, shirt = (typical_member(snapshot.mean, snapshot.labels, label) for label in (0, 1))
    sum_, difference, named = places_of(run, "Ankle boot - t-shirt + #7", "z:1,2 - #7", "up - down")
    mean = snapshot.mean
    np.testing.assert_allclose(sum_.latent, mean[boot] - mean[shirt] + mean[7], rtol=1e-5)
    np.testing.assert_allclose(difference.latent, [1, 2] - mean[7], rtol=1e-5)
    assert (sum_.name, sum_.index) == ("ankle boot − t-shirt + #7 t-shirt", None)
    assert named.name == "up - down"  # a class that is called like a difference


def test_what_a_sum_meant_in_one_epoch_means_the_same_images_in_another(fabricate):
    run = fabricate(1, class_names=["sandal", "sneaker", "ankle boot"])
    member, sum_, spelled = places_of(run, "sandal", "sandal - sneaker + z:1,2", "z:1,2")
    (again,) = places_of(run, sum_.again)
    assert (again.latent == sum_.latent).all()
    assert (sum_.again.startswith(member.again), spelled.again) == (True, "")


def test_a_class_may_mean_the_mean_of_its_images(fabricate):
    run = fabricate(1)
    snapshot = run.snapshot(1)
    (place,) = places_of(run, "class 1", meaning="mean")
    np.testing.assert_allclose(place.latent, class_means(snapshot.mean, snapshot.labels, 3)[1], rtol=1e-6)
    assert (place.name, place.index) == ("class 1 (mean)", None)
    with pytest.raises(UsageError, match="its 'median'.\nExpected one of: member, mean"):
        places_of(run, "class 1", meaning="median")


def test_a_set_without_labels_has_no_class_to_name(fabricate):
    run = fabricate(1, classes=1, class_names=["unlabelled"])
    for word in ("unlabelled", "sandal"):
        with pytest.raises(DataError, match="the images of toy have no labels.\nExpected: a held-out image"):
            places_of(run, word)


def test_what_the_snapshot_keeps_is_shown_without_the_dataset(fabricate):
    run, said = fabricate(1), []
    kept, missing, spelled = with_originals(run, 1, places_of(run, "#3", "#50", "z:0,0"), said.append)
    assert (kept.original == run.snapshot(1).originals[3]).all()
    assert kept.caption == "original #3"
    assert missing.original is None
    assert spelled.original is None
    assert [line.partition(" not shown: ")[0] for line in said] == ["The original of #50 is"]


def test_other_originals_are_looked_for_in_the_dataset(fabricate):
    dataset = load_dataset("shapes", size="12x10")
    run = fabricate(1, dataset="shapes", size="12x10", fingerprint=dataset.fingerprint)
    (place,) = with_originals(run, 1, places_of(run, "#50"), print)
    assert (place.original == dataset.heldout.images[50]).all()
    other, said = fabricate(1, dataset="shapes", size="12x10"), []
    (place,) = with_originals(other, 1, places_of(other, "#50"), said.append)
    assert place.original is None
    assert "has other images than the run" in said[0]


@pytest.mark.parametrize(
    ("point", "error", "message"),
    [
        (
            "sandel",
            DataError,
            "'sandel' is neither a class of toy nor a file.\nClasses: sandal.*\nDid you mean 'sandal'",
        ),
        ("sandal - boot", DataError, "'boot' is neither a class of toy nor a file"),
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
        places_of(run, point)
