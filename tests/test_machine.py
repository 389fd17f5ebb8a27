"""What a training runs on, as `run.json` remembers it."""

import json
import platform

import pytest

import vaecli
from vaecli import machine


def test_the_libraries_that_decide_the_bits_are_named_with_their_versions():
    found = machine.libraries()
    assert found["vaecli"] == vaecli.__version__
    assert found["python"] == platform.python_version()
    assert {"tensorflow", "keras", "numpy", "h5py"} < set(found)


def test_the_facts_of_the_machine_can_be_written_as_json(monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda process: range(3), raising=False)
    facts = machine.facts()
    assert json.loads(json.dumps(facts)) == facts
    assert facts["cores"] == 3
    assert facts["system"]
    assert facts["processor"]


@pytest.mark.skipif(platform.system() != "Linux", reason="the name is read from /proc")
def test_the_processor_has_its_full_name():
    assert len(machine.facts()["processor"]) > len(platform.machine())
