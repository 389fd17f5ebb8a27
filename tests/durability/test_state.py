"""The state is true at the very next look after a death, and the exit code says which."""

import os
import random
import signal
import time

import pytest

from tests.durability import stub
from tests.durability.children import Child, run_command
from tests.durability.conftest import count
from vaecli.store import Store, verify


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_the_state_after_a_signal(tmp_path, number, report):
    random.seed(int(number))
    slowest, deaths = 0.0, count(12, 100)
    for turn in range(deaths):
        root = tmp_path / f"{turn}"

        def live(say, root=root):
            stub.stand_in_for_the_network()
            os.environ["VAECLI_ARTIFACTS"] = str(root)
            run_command([*stub.ARGUMENTS, "--epochs", "1000"], say)

        child = Child(live)
        found = [child.lines.readline() for _ in range(2)]
        assert [line.partition(": ")[0] for line in found] == ["shapes", "6 classes"]
        lines = [child.lines.readline() for _ in range(random.randint(1, 4))]
        assert all(" saved " in line for line in lines), lines
        (run,) = Store(root).runs()
        assert run.state == "running"
        child.kill(number)
        code, said = child.wait()
        clock = time.monotonic()
        state, epochs = run.state, run.epochs()
        slowest = max(slowest, time.monotonic() - clock)
        assert state == "interrupted"
        assert code == (-number if number == signal.SIGKILL else 128 + number)
        if number != signal.SIGKILL:
            assert said[-2:] == [
                f"Stopped; epoch {epochs[-1]} is kept.",
                f"Resume with: vaecli train --resume {run.name}",
            ]
        assert verify(run) == []
    report(f"state: {deaths} × {number.name}: right {deaths} of {deaths}, slowest {slowest * 1000:.1f} ms")


def test_a_second_signal_quits_at_once_and_as_safely(tmp_path):
    def live(say):
        stub.stand_in_for_the_network()
        os.environ["VAECLI_ARTIFACTS"] = str(tmp_path)
        real = stub.Trainer.epochs

        def epochs(trainer, start, stop, on_progress=None, should_stop=lambda: False):
            yield from real(trainer, start, 2)
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            say("still alive")

        stub.Trainer.epochs = epochs
        run_command([*stub.ARGUMENTS, "--epochs", "9"], say)

    code, said = Child(live).wait()
    (run,) = Store(tmp_path).runs()
    assert code == 130
    assert "still alive" not in said
    assert (run.state, run.epochs(), verify(run)) == ("interrupted", (0, 1, 2), [])
