"""From NumPy arrays of your own to a picture of what was learnt: a minute on two cores.

The images are discs of random size and place, so that nothing needs to be fetched. The run is kept in
./artifacts, the pictures beside it; `vaecli` on the command line sees the same run.
"""

import numpy as np

import vaecli

random, pixels = np.random.default_rng(0), np.arange(24)
radius, x, y = (random.uniform(low, high, (7000, 1, 1)) for low, high in ((2, 8), (8, 16), (8, 16)))
images = 255 * np.clip(radius - np.hypot(pixels - x, pixels[:, None] - y) + 0.5, 0, 1)  # (7000, 24, 24)
images, labels = np.rint(images).astype(np.uint8), np.digitize(radius.ravel(), [4, 6])

heldout = {"heldout_images": images[6000:], "heldout_labels": labels[6000:]}
names = ["small", "middle", "large"]
dataset = vaecli.Dataset.from_arrays("discs", images[:6000], labels[:6000], class_names=names, **heldout)
run = vaecli.train(dataset, vaecli.TrainConfig(epochs=5, batch_size=32))
print(vaecli.latent_plot(run, epochs="all").save("discs-learning.gif"))
print(vaecli.interpolate(run, names).save("discs-small-to-large.png"))
print(vaecli.encode(run, images[:3]).mean, vaecli.decode(run, [[0.5, -1.2]]).shape)
