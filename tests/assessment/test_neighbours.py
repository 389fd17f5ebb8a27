"""Votes among neighbours, against a search of every pair."""

import numpy as np
import pytest

from vaecli.assessment import evaluate, neighbours
from vaecli.assessment.neighbours import neighbour_accuracy
from vaecli.errors import UsageError


@pytest.mark.parametrize("count", [20, 80, 640, 672, 5000])
def test_the_vote_is_that_of_a_search_of_every_pair_in_blocks_of_any_size(monkeypatch, count):
    random = np.random.default_rng(0)
    points, known = random.normal(size=(50, 3)) + 40, random.normal(size=(count, 3)) + 40
    labels, known_labels = random.integers(0, 4, 50), random.integers(0, 4, count)
    order = np.linalg.norm(points[:, None] - known, axis=2).argsort(axis=1)[:, :20]
    votes = np.array([np.bincount(known_labels[row], minlength=4).argmax() for row in order])
    whole = neighbour_accuracy(points, labels, known, known_labels)
    assert whole.tolist() == (votes == labels).astype(float).tolist()
    monkeypatch.setattr(neighbours, "_BLOCK", count * 7)
    assert neighbour_accuracy(points, labels, known, known_labels).tolist() == whole.tolist()


def test_classes_that_lie_apart_are_told_apart_and_labels_by_chance_are_not():
    random = np.random.default_rng(0)
    labels = np.arange(600) % 3
    points = 10.0 * np.eye(3)[labels] + random.normal(size=(600, 3))
    assert neighbour_accuracy(points[:100], labels[:100], points[100:], labels[100:]).mean() == 1.0
    by_chance = random.permutation(labels)
    found = neighbour_accuracy(points[:100], by_chance[:100], points[100:], by_chance[100:]).mean()
    assert abs(found - 1 / 3) < 0.15


def test_means_and_components_are_compared_on_the_same_neighbours(trained, dataset):
    found = evaluate(trained, dataset, neighbours=True)
    assert found["neighbour_accuracy"].how == {"neighbours": 20, "among": 60}
    assert found["pca_neighbour_accuracy"].how == {"neighbours": 20, "among": 60}


def test_training_images_have_no_other_neighbours_than_themselves(trained, dataset):
    with pytest.raises(UsageError, match="Training images are among their own neighbours"):
        evaluate(trained, dataset, split="train", neighbours=True)
