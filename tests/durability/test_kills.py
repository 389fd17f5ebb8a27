"""Killed at any moment: no acknowledged epoch is lost, no store is unreadable."""

import os
import random
import select
import signal

import pytest

from tests.durability import stub
from tests.durability.children import Child, run_command
from tests.durability.conftest import count
from tests.durability.filelayer import FileLayer, killer
from vaecli.store import RunWriter, Store, verify

EPOCHS = 3


def operations_of(work):
    with FileLayer() as layer:
        work()
    return layer.operations


@pytest.mark.parametrize("keep", count(["last"], ["last", "best", "all"]))
def test_a_kill_at_every_operation_of_a_run(tmp_path, keep, report):
    def work(number, root):
        def live(say):
            with FileLayer(killer(number)):
                stub.train(root, EPOCHS, say, keep=keep)

        return live

    number, code = 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        root = tmp_path / f"{number}"
        code, said = Child(work(number, root)).wait()
        stub.check(root, {*map(int, said)}, resume=EPOCHS)
        number += 1
    assert code == 0
    report(f"kills: one at each of {number - 1} operations of a run, checkpoints {keep}: 0 epochs lost")


def test_a_kill_at_every_operation_of_a_resumption_after_a_kill(tmp_path, report):
    """The process that resumes has leftovers to clear, and dies doing so."""
    half = len(operations_of(lambda: stub.train(tmp_path / "half", 1))) + 8

    def die_early(root):
        def live(say):
            with FileLayer(killer(half)):
                stub.train(root, EPOCHS, say)

        return live

    def die_again(root, number):
        def live(say):
            (run,) = Store(root).runs()
            with FileLayer(killer(number)):
                stub.go_on(RunWriter(run.path), EPOCHS, say)

        return live

    number, code = 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        root = tmp_path / f"{number}"
        _, said = Child(die_early(root)).wait()
        code, more = Child(die_again(root, number)).wait()
        stub.check(root, {*map(int, said + more)}, resume=EPOCHS)
        number += 1
    assert code == 0
    report(f"kills: one at each of {number - 1} operations of a resumption: 0 epochs lost")


def test_kills_at_random_times_of_the_real_command(tmp_path, report):
    """SIGKILL, then resume, then SIGKILL …: each "epoch N saved" on stderr stays true."""
    random.seed(0)
    kills, acknowledged, root = 0, 0, tmp_path / "store"

    def train(arguments):
        def live(say):
            stub.stand_in_for_the_network()
            os.environ["VAECLI_ARTIFACTS"] = str(root)
            run_command(arguments, say)

        return live

    while kills < count(200, 1000):
        unfinished = [run for run in Store(root).runs() if run.state != "finished"]
        start = (
            ["train", "--resume", unfinished[0].name] if unfinished else [*stub.ARGUMENTS, "--epochs", "40"]
        )
        child = Child(train(start))
        first = [child.lines.readline() for _ in range(random.randint(0, 6))]  # two say what was found
        select.select([], [], [], random.uniform(0.0, 0.03))
        child.kill()
        code, said = child.wait()
        assert code in (0, -signal.SIGKILL), said
        kills += code == -signal.SIGKILL
        saved = {int(line.split()[1].partition("/")[0]) for line in first + said if " saved " in line}
        acknowledged += len(saved)
        if saved:
            run = unfinished[0] if unfinished else Store(root).resolve()
            assert saved <= set(run.epochs())
            assert run.state in ("interrupted", "finished")
            assert run.checkpoint().epoch == run.epochs()[-1]
    for run in Store(root).runs():
        assert verify(run) == []
    assert acknowledged > kills
    report(f"kills: {kills} at random times of the command: {acknowledged} epochs acknowledged, 0 lost")
