import subprocess
import sys

import pytest

from vaecli import data


def test_every_public_name_is_there():
    assert all(getattr(data, name) is not None for name in data.__all__)


def test_an_unknown_name_is_an_ordinary_mistake():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        data.nothing  # noqa: B018 - looking is the test


@pytest.mark.parametrize("name", ["load_dataset", "read_images", "Dataset"])
def test_no_part_of_the_room_loads_a_deep_learning_library(name):
    code = f"import sys; from vaecli.data import {name}; print({{'keras', 'tensorflow'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
