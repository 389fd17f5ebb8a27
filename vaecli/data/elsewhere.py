"""Sets of other libraries, `keras:cifar10` for example: not loaded, but said how to come by.

Keras keeps CIFAR as pickles, the others want their own packages and a connection; what
they load is two lines away from a file that needs none of that.
"""

from __future__ import annotations

import re

from vaecli.errors import DataError

_SAVE = "numpy.savez('{file}.npz', x_train=a, y_train=b, x_test=c, y_test=d)"
_WAYS = {
    "keras": "import numpy, keras; (a, b), (c, d) = keras.datasets.{name}.load_data(); " + _SAVE,
    "tfds": "import numpy, tensorflow_datasets as t; (a, b), (c, d) = t.as_numpy(t.load('{name}', "
    "split=['train', 'test'], batch_size=-1, as_supervised=True)); " + _SAVE,
}


def refuse_elsewhere(word: str) -> None:
    """Raise `DataError` for a set of another library, with the command that makes a file of it.

    >>> refuse_elsewhere("fashion")
    >>> refuse_elsewhere("keras:cifar10")
    Traceback (most recent call last):
    ...
    vaecli.errors.DataError: keras:cifar10: sets of other libraries are not loaded directly.
    Expected: a file or folder that they were saved as.
    python -c "import numpy, keras; (a, b), (c, d) = keras.datasets.cifar10.load_data(); \
numpy.savez('cifar10.npz', x_train=a, y_train=b, x_test=c, y_test=d)"
    """
    match = re.fullmatch(r"(keras|tfds|hf):([A-Za-z0-9_./-]+)", word)
    if match is None:
        return
    library, name = match.groups()
    command = _WAYS.get(library, "").format(name=name, file=name.split("/")[-1])
    raise DataError(
        f"{word}: sets of other libraries are not loaded directly.",
        "Expected: a file or folder that they were saved as.",
        f'python -c "{command}"' if command else "Save its images as train/<class>/ and test/<class>/.",
    )
