"""What `import vaecli` gives."""

import subprocess
import sys

import pytest

import vaecli


@pytest.mark.parametrize("name", vaecli.__all__)
def test_a_public_name_can_be_had_and_is_documented(name):
    assert getattr(vaecli, name).__doc__


def test_the_public_names_are_completed_and_others_are_refused():
    assert set(vaecli.__all__) < set(dir(vaecli))
    with pytest.raises(AttributeError, match="module 'vaecli' has no attribute 'plot'"):
        vaecli.plot  # noqa: B018 - the look is the test


def test_importing_it_loads_nothing_heavy():
    heavy = {"numpy", "tensorflow", "keras", "matplotlib", "h5py", "PIL", "rich", "typer"}
    program = f"import sys, vaecli; assert not {heavy!r} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
