"""Fashion-MNIST (Xiao et al., 2017), in the four IDX files of its authors."""

from __future__ import annotations

from vaecli.data.named.catalogue import NamedSet, Package, mnist_files

SET = NamedSet(
    name="fashion",
    aliases=("fashion-mnist", "fashionmnist"),
    description="Fashion-MNIST: clothes, shoes and bags of ten kinds, grey on black.",
    licence="MIT",
    shape=(28, 28, 1),
    counts=(60_000, 10_000),
    class_names=(
        "t-shirt/top",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    ),
    files=mnist_files(
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
    mirrors=(
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
        "https://fashion-mnist.s3.eu-central-1.amazonaws.com",
    ),
    keras="datasets/fashion-mnist",
    system="/usr/share/datasets/fashion-mnist",
    debian=Package("dataset-fashion-mnist", "usr/share/datasets/fashion-mnist"),
)
