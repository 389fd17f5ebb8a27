import json

import numpy as np

from vaecli.data import Dataset, describe, facts_of


def made(images, labels=None, **more):
    halves = {} if labels is None else {"heldout_labels": labels}
    return Dataset.from_arrays("toy", images, labels, heldout_images=images[:, ::-1], **halves, **more)


def test_a_set_is_described_in_a_few_lines():
    images = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
    images[2] = 7
    dataset = made(images, np.array([0, 1, 1, 1, 0]), class_names=("cat", "dog"), notes=["One is skipped."])
    assert describe(dataset) == [
        "toy: 10 images of 4 × 3 × 1, 5 to train on and 5 held out; values 0…59.",
        "2 classes: cat 4, dog 6.",
        "One is skipped.",
        "Dark: the largest value is 59 of 255; if that is meant to be white: --range LOW,HIGH.",
        "2 images are of one value throughout.",
    ]


def test_a_set_without_labels_says_so():
    assert describe(made(np.eye(4, dtype=np.uint8)[None].repeat(3, axis=0)))[1] == "No labels."


def test_of_many_classes_the_largest_are_named():
    labels = np.repeat(np.arange(30), np.arange(1, 31))
    line = describe(made(np.eye(4, dtype=np.uint8)[None].repeat(len(labels), axis=0), labels))[1]
    assert line.startswith("30 classes: 29 60, 28 58, ")
    assert line.endswith("10 22, and 10 smaller ones.")


def test_the_facts_are_plain_values():
    facts = facts_of(made(np.eye(4, dtype=np.uint8)[None].repeat(3, axis=0), np.array([0, 1, 0])))
    assert json.loads(json.dumps(facts)) == facts
    assert (facts["train"], facts["heldout"], facts["shape"], facts["range"]) == (3, 3, [4, 4, 1], [0, 1])
    assert facts["class_counts"] == {"0": 4, "1": 2}
