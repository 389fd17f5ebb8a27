"""Several processes use one store: no run is lost or mixed, and readers see no half."""

import os

import pytest

from tests.durability import stub
from tests.durability.children import Child
from tests.durability.conftest import count
from tests.durability.filelayer import FileLayer
from vaecli.errors import Busy, RunNotFound
from vaecli.store import RunWriter, Store, remove_run, verify


def test_eight_processes_make_two_hundred_runs(tmp_path, report):
    def live(say):
        for _ in range(25):
            with FileLayer():
                writer = stub.make(tmp_path, 1)
                stub.go_on(writer, 1, start=0)
            say(writer.run.name)

    ended = [child.wait() for child in [Child(live) for _ in range(8)]]
    assert [code for code, _ in ended] == [0] * 8
    names = [name for _, said in ended for name in said]
    assert len(set(names)) == len(names) == 200
    runs = Store(tmp_path).runs()
    assert {run.name for run in runs} == {f"stub-{number}" for number in range(1, 201)}
    for run in runs:
        assert (run.state, run.epochs(), verify(run)) == ("finished", (0, 1), [])
    assert len(list(tmp_path.iterdir())) == 200
    report("concurrency: 8 processes × 25 runs: 200 distinct names, 200 of 200 verified")


def test_of_eight_resumers_one_wins(tmp_path, report):
    for number in range(rounds := count(10, 100)):
        root = tmp_path / f"{number}"
        with FileLayer():
            stub.train(root, 1)
        (run,) = Store(root).runs()
        start, go = os.pipe()
        end, leave = os.pipe()

        def live(say, run=run, start=start, end=end):
            os.read(start, 1)
            try:
                writer = RunWriter(run.path)
            except Busy as error:
                say(f"busy: {error.what}")
                raise SystemExit(error.exit_code) from error
            say(f"{os.getpid()}")
            os.read(end, 1)
            stub.go_on(writer, 2)

        children = [Child(live) for _ in range(8)]
        os.write(go, b"x" * 8)
        first = [child.lines.readline() for child in children]
        os.write(leave, b"x")
        codes = [child.wait()[0] for child in children]
        for descriptor in (start, go, end, leave):
            os.close(descriptor)
        assert sorted(codes) == [0] + [6] * 7
        (winner,) = (line.strip() for line in first if not line.startswith("busy"))
        assert sum(f"is being trained by process {winner} on" in line for line in first) == 7
        assert (run.epochs(), run.state, verify(run)) == ((0, 1, 2), "finished", [])
    report(f"concurrency: 8 resumers, {rounds} times: 1 wins, 7 are told its process and host")


def test_readers_beside_a_writer_see_no_half(tmp_path, report):
    commits = 500

    def live(say):
        with FileLayer():
            stub.train(tmp_path, commits, keep="best", say=lambda epoch: say(f"{epoch}"))

    child, looks, seen = Child(live), 0, 0
    assert child.lines.readline() == "0\n"
    (run,) = Store(tmp_path).runs()
    while run.state == "running":
        last = run.epochs()[-1]
        assert last >= seen
        assert run.metrics(last) == stub.metrics_of(last)
        assert run.snapshot(last).mean.shape == (stub.COUNT, 2)
        assert run.checkpoint().epoch >= last
        if looks % 50 == 0:
            assert verify(run) == []
        looks, seen = looks + 1, last
    assert child.wait()[0] == 0
    assert run.epochs() == tuple(range(commits + 1))
    report(f"concurrency: {looks} looks of a reader beside {commits} commits: 0 errors")


def test_a_reader_takes_nothing_from_a_run_that_is_removed(tmp_path):
    with FileLayer():
        stub.train(tmp_path, 1)
    (run,) = Store(tmp_path).runs()
    remove_run(run)
    assert Store(tmp_path).runs() == []
    with pytest.raises(RunNotFound):
        run.metrics(1)
