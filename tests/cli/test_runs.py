"""`vaecli runs` and its commands."""

import csv
import ctypes
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.schema import check
from vaecli.store import Run, RunWriter


def test_runs_are_listed_newest_first_with_their_facts(vaecli, fabricate):
    fabricate(3, name="old")
    fabricate(1, total=4, name="new")
    lines = vaecli("runs").stdout.splitlines()
    settings = ["12×10×1", "2", "conv", "1", "bernoulli"]
    assert lines[0].split() == [
        *("name", "dataset", "images", "latents", "architecture", "β", "likelihood"),
        *("state", "epochs", "−ELBO", "age"),
    ]
    assert lines[1].split()[:10] == ["new", "toy", *settings, "interrupted", "1/4", "297.0"]
    assert lines[2].split()[:10] == ["old", "toy", *settings, "finished", "3/3", "281.0"]


def test_elbos_that_cannot_be_compared_stand_in_columns_of_their_own(vaecli, fabricate):
    fabricate(1, name="grey")
    fabricate(1, name="levels", likelihood="logistic")
    head, *rows = vaecli("runs").stdout.splitlines()
    for name, likelihood in (("grey", "bernoulli"), ("levels", "logistic")):
        end = head.index(f"−ELBO ({likelihood})") + len(f"−ELBO ({likelihood})")
        (row,) = [row for row in rows if row.startswith(name)]
        assert row[:end].endswith("297.0")
        assert row.count("297.0") == 1


def names_in(result):
    return [line.split()[0] for line in result.stdout.splitlines()[1:]]


def test_runs_are_sorted_and_filtered(vaecli, fabricate):
    fabricate(1, name="a", latent_dim=3, dataset="shapes")
    fabricate(3, name="b", beta=0.5)
    fabricate(2, name="c", beta=0.5, total=4)
    (fabricate(1, name="d").path / "run.json").write_bytes(b"{}")
    assert names_in(vaecli("runs", "--sort", "elbo")) == ["b", "c", "a", "d"]
    assert names_in(vaecli("runs", "--sort", "latents", "--reverse")) == ["a", "c", "b", "d"]
    assert names_in(vaecli("runs", "--where", "beta=0.5", "--where", "state=finished")) == ["b"]
    assert names_in(vaecli("runs", "--where", "dataset=Shapes")) == ["a"]
    assert names_in(vaecli("runs", "--where", "images=12x10x1", "--sort", "name")) == ["a", "b", "c"]
    nothing = vaecli("runs", "--where", "dataset=emoji")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert "No run in" in nothing.stderr


def test_the_list_is_csv_if_asked_for(vaecli, fabricate):
    fabricate(1, name="a", beta=0.5)
    (fabricate(1, name="bad").path / "run.json").write_bytes(b"{}")
    first, second = csv.DictReader(io.StringIO(vaecli("runs", "--csv").stdout))
    assert (first["name"], first["shape"], first["beta"], first["negative_elbo"]) == (
        "a",
        "12×10×1",
        "0.5",
        "297.0",
    )
    assert (first["epochs"], first["total_epochs"]) == ("1", "1")
    assert (second["name"], second["state"], second["negative_elbo"]) == ("bad", "damaged", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sort", "size"], "--sort: there is no column 'size'.\nExpected one of: name, dataset"),
        (["--where", "size=1"], "--where: there is no column 'size'"),
        (["--where", "fashion"], "--where is 'fashion'.\nExpected: COLUMN=VALUE"),
        (["--json", "--csv"], "--json and --csv cannot be combined"),
    ],
)
def test_a_list_that_there_is_not_is_refused(vaecli, fabricate, arguments, message):
    fabricate(0)
    result = vaecli("runs", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr


def test_the_list_as_json_has_all_that_show_has(vaecli, fabricate):
    fabricate(1, name="whole")
    (fabricate(1, name="bad").path / "run.json").write_bytes(b"{}")
    whole, bad = json.loads(vaecli("runs", "--json").stdout)
    assert whole["details"] == json.loads(vaecli("runs", "show", "whole", "--json").stdout)
    assert (bad["state"], bad["details"]) == ("damaged", None)


def test_runs_as_json_are_an_array_of_objects(vaecli, fabricate):
    fabricate(3, name="old")
    (fact,) = json.loads(vaecli("runs", "--json").stdout)
    age, details = fact.pop("age"), fact.pop("details")
    assert 0 <= age < 600
    assert details["name"] == "old"
    assert fact == {
        "name": "old",
        "dataset": "toy",
        "state": "finished",
        "epochs": 3,
        "total_epochs": 3,
        "negative_elbo": 281.0,
        "shape": [12, 10, 1],
        "latent_dim": 2,
        "architecture": "conv",
        "beta": 1.0,
        "likelihood": "bernoulli",
    }


def test_an_empty_store_lists_nothing_and_says_what_to_do(vaecli):
    result = vaecli("runs")
    assert (result.returncode, result.stdout) == (0, "")
    assert "Train one: vaecli train" in result.stderr
    assert json.loads(vaecli("runs", "--json").stdout) == []


def test_a_damaged_run_is_listed_as_damaged_beside_the_others(vaecli, fabricate):
    fabricate(1, name="good")
    (fabricate(1, name="bad").path / "run.json").write_bytes(b"{}")
    states = {fact["name"]: fact["state"] for fact in json.loads(vaecli("runs", "--json").stdout)}
    assert states == {"good": "finished", "bad": "damaged"}
    assert vaecli("runs", "show", "bad").returncode == 5


def test_show_tells_everything_of_a_run(vaecli, fabricate):
    fabricate(2, beta=0.5)
    text = vaecli("runs", "show").stdout
    for words in (
        "  beta  0.5",
        "state  finished",
        "checkpoints  2\n",
        "weights  0–2\n",
        "class 0, class 1, class 2",
    ):
        assert words in text.splitlines()[: text.count("\n")] or words in text
    facts = json.loads(vaecli("runs", "show", "--json").stdout)
    assert facts["config"]["beta"] == 0.5
    assert [row["epoch"] for row in facts["metrics"]] == [0, 1, 2]
    assert facts["metrics"][2]["reconstruction"] == 280.0


def test_an_unknown_run_exits_with_4_and_a_suggestion(vaecli, fabricate):
    fabricate(0, name="fashion-1")
    result = vaecli("runs", "show", "fashoin-1")
    assert result.returncode == 4
    assert "Did you mean 'fashion-1'?" in result.stderr


@pytest.mark.parametrize(
    ("schema", "arguments"),
    [
        ("runs", ["runs", "--json"]),
        ("runs-show", ["runs", "show", "whole", "--json"]),
        ("runs-verify", ["runs", "verify", "--all", "--json"]),
    ],
)
def test_json_is_what_its_schema_in_the_repository_says(vaecli, fabricate, schema, arguments):
    fabricate(2, name="whole")
    (fabricate(1, name="bad").path / "epochs" / "0001" / "snapshot.h5").write_bytes(b"x")
    (fabricate(1, name="worse").path / "run.json").write_bytes(b"{}")
    result = vaecli(*arguments)
    path = Path(__file__).parents[2] / "docs" / "schemas" / f"{schema}.json"
    check(json.loads(result.stdout), json.loads(path.read_text(encoding="utf-8")))
    assert json.loads(result.stdout)


def test_verify_says_what_is_whole_and_names_what_is_not(vaecli, fabricate):
    fabricate(2, name="whole")
    assert vaecli("runs", "verify").stdout == "whole is whole: 3 epochs.\n"
    bad = fabricate(2, name="bad")
    (bad.path / "epochs" / "0001" / "snapshot.h5").write_bytes(b"x")
    (bad.path / "notes").write_text("x")
    result = vaecli("runs", "verify", "--all")
    assert result.returncode == 5
    assert result.stdout.splitlines() == [
        "bad/notes extra",
        "bad/epochs/0001/snapshot.h5 changed: its SHA-256 is not the one that was noted when it was written",
        "whole is whole: 3 epochs.",
    ]
    assert result.stderr.splitlines() == [
        "Damaged: 1 of 2 runs: bad.",
        "The rest stays usable; vaecli runs verify bad --repair moves this aside.",
    ]


def test_verify_repair_moves_damage_aside_and_is_done(vaecli, fabricate):
    bad = fabricate(2, name="bad")
    (bad.path / "epochs" / "0001" / "snapshot.h5").write_bytes(b"x")
    result = vaecli("runs", "verify", "bad", "--repair")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "bad/epochs/0001 moved to bad/damaged\nbad is whole: 2 epochs.\n"
    assert vaecli("runs", "verify", "bad").returncode == 0
    (bad.path / "run.json").write_bytes(b"x")
    result = vaecli("runs", "verify", "bad", "--repair")
    assert result.returncode == 5
    assert "restore it from a copy" in result.stderr


@pytest.fixture
def as_somebody(vaecli):
    """Return a function that runs `vaecli` where modes count, as they do not for root."""
    libc = ctypes.CDLL(None)

    def obey():
        for capability in (1, 2):  # to read and search whatever its mode says
            libc.prctl(24, capability, 0, 0, 0)  # it is lost for good with the next exec

    more = {"preexec_fn": obey} if os.geteuid() == 0 else {}
    return lambda *arguments: vaecli(*arguments, **more)


def test_what_cannot_be_read_is_said_and_nothing_is_moved(fabricate, as_somebody):
    locked = fabricate(3, name="locked")
    fabricate(1, name="whole")
    snapshot = locked.path / "epochs" / "0002" / "snapshot.h5"
    snapshot.chmod(0)
    for more in ((), ("--repair",), ("--all", "--repair")):
        result = as_somebody("runs", "verify", *(more if "--all" in more else ("locked", *more)))
        assert result.returncode == 7
        assert "locked/epochs/0002/snapshot.h5 may not be read" in result.stdout.splitlines()
        assert result.stderr.splitlines() == [
            f"Not read in full: 1 of {2 if '--all' in more else 1} runs: locked.",
            "Whether the unreadable files are damaged is not known; nothing there was moved.",
            "Make it readable, then verify again.",
        ]
        assert snapshot.exists()
    (fact,) = json.loads(as_somebody("runs", "verify", "locked", "--json").stdout)
    assert (fact["damage"], fact["unreadable"]) == (
        [],
        [{"file": "epochs/0002/snapshot.h5", "what": "may not be read"}],
    )
    result = as_somebody("runs", "export", "locked")
    assert (result.returncode, result.stderr.splitlines()[0]) == (7, f"{snapshot} may not be read.")
    snapshot.chmod(0o644)
    assert as_somebody("runs", "verify", "locked", "--repair").stdout == "locked is whole: 4 epochs.\n"


def test_a_run_that_may_not_be_read_is_listed_as_such_and_not_unknown(fabricate, as_somebody):
    fabricate(1, name="mine")
    run = fabricate(1, name="locked")
    for path in (run.path, run.path / "run.json", run.path / "epochs"):
        mode = path.stat().st_mode
        path.chmod(0)
        states = {fact["name"]: fact["state"] for fact in json.loads(as_somebody("runs", "--json").stdout)}
        assert states == {"mine": "finished", "locked": "unreadable"}
        for arguments in (
            ("runs", "show", "lock"),
            ("runs", "verify", "locked"),
            ("latent-plot", f"{run.path}/"),
            ("train", "--epochs", "5", "--resume", "locked"),
        ):
            result = as_somebody(*arguments)
            assert result.returncode == 7
            assert re.search("may not be read|is not writable", result.stdout + result.stderr)
        path.chmod(mode)
    (run.path.parent / "lost+found").mkdir(mode=0)
    assert len(json.loads(as_somebody("runs", "--json").stdout)) == 2
    run.path.parent.chmod(0)
    result = as_somebody("runs")
    assert (result.returncode, result.stderr.splitlines()[0]) == (7, f"{run.path.parent} may not be read.")
    run.path.parent.chmod(0o755)


def test_verify_restore_brings_back_what_is_whole_and_says_what_is_not(vaecli, fabricate):
    run = fabricate(3, name="mine")
    whole = contents(run.path)
    for epoch in ("0000", "0001", "0002"):
        (run.path / "epochs" / epoch / "snapshot.h5").write_bytes(b"x")
    assert vaecli("runs", "verify", "mine", "--repair").returncode == 0
    for epoch in ("0000", "0001"):
        name = f"epochs/{epoch}/snapshot.h5"
        (run.path / "damaged" / f"epochs-{epoch}" / "snapshot.h5").write_bytes(whole[run.path / name])
    result = vaecli("runs", "verify", "mine", "--restore")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "mine/epochs/0000 restored",
        "mine/epochs/0001 restored",
        "mine/damaged/epochs-0002/snapshot.h5 left: its SHA-256 is not the one that was noted when it was"
        " written",
        "mine is whole: 3 epochs.",
    ]
    (fact,) = json.loads(vaecli("runs", "verify", "mine", "--restore", "--json").stdout)
    assert (fact["restored"], [left["file"] for left in fact["left"]]) == (
        [],
        ["damaged/epochs-0002/snapshot.h5"],
    )
    result = vaecli("runs", "verify", "mine", "--restore", "--repair")
    assert (result.returncode, result.stderr) == (2, "--repair and --restore cannot be combined.\n")


def test_rm_wants_a_yes_and_the_full_name(vaecli, fabricate, store):
    fabricate(1, name="one-run")
    fabricate(1, name="two")
    result = vaecli("runs", "rm", "two", stdin=subprocess.DEVNULL)
    assert (result.returncode, result.stderr.splitlines()[0]) == (2, "There is no terminal to ask on.")
    result = vaecli("runs", "rm", "one", "--yes")
    assert (result.returncode, "Did you mean 'one-run'? Type it in full." in result.stderr) == (4, True)
    assert len(store.runs()) == 2
    result = vaecli("runs", "rm", "one-run", "two", "--yes")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "Removed one-run.\nRemoved two.\n")
    assert list(store.root.iterdir()) == []


@pytest.mark.parametrize(("answer", "left"), [("n\n", 1), ("\n", 1), ("y\n", 0), ("Yes\n", 0)])
def test_rm_asks_at_a_terminal(vaecli, fabricate, store, answer, left):
    fabricate(1, name="one")
    ours, theirs = os.openpty()
    with vaecli.start("runs", "rm", "one", stdin=theirs, stderr=theirs) as command:
        os.write(ours, answer.encode())
        command.wait(60)
    os.close(theirs)
    assert b"Remove one with all epochs permanently? [y/N]" in os.read(ours, 1000)
    os.close(ours)
    assert command.returncode == 0
    assert len(store.runs()) == left


def test_rm_refuses_a_running_run(vaecli, fabricate, store):
    fabricate(1, name="idle")
    busy = fabricate(1, name="busy")
    with RunWriter(busy.path):
        result = vaecli("runs", "rm", "idle", "busy", "--yes")
    assert (result.returncode, "Run busy is being trained." in result.stderr) == (6, True)
    assert len(store.runs()) == 2


@pytest.fixture
def twins(fabricate, store, vaecli):
    """Return a run of the store, and another of the same name in the folder where commands are typed."""
    own = fabricate(1, name="mine")
    return own, Run(Path(shutil.copytree(own.path, vaecli.folder / "mine")))


def test_rm_takes_a_bare_word_for_a_run_of_the_store_and_of_no_other(vaecli, twins, store):
    own, other = twins
    for artifacts in (store.root, vaecli.folder / "empty"):
        vaecli("runs", "rm", "mine", "--yes", "--artifacts", artifacts)
        assert (own.path.exists(), other.epochs()) == (False, (0, 1))
    assert vaecli("runs", "rm", "./mine", "--yes", "--artifacts", ".").stderr == "Removed mine.\n"
    assert not other.path.exists()


@pytest.mark.parametrize(
    "command",
    [
        ("runs", "rm", "--yes"),
        ("runs", "verify", "--repair"),
        ("runs", "verify", "--restore"),
        ("train", "--epochs", "9", "--resume"),
    ],
)
def test_what_writes_or_removes_refuses_what_lies_outside_of_the_store(vaecli, twins, store, command):
    _, other = twins
    (store.root / "link").symlink_to(other.path)
    (other.path / "notes").write_text("mine")
    before = contents(other.path)
    for reference in ("./mine", "../work/mine", other.path, "link", f"{store.root}/link/"):
        result = vaecli(*command, reference)
        assert (result.returncode, result.stdout) == (2, "")
        what, expected, mend = result.stderr.splitlines()
        assert what.endswith((f"/mine is not in the artifact directory {store.root}.", "is a symbolic link."))
        assert expected.startswith("Expected: a run of the artifact directory itself;")
        assert mend.endswith(f"mine --artifacts {vaecli.folder}")
    assert contents(other.path) == before


def test_a_run_elsewhere_can_be_read_by_its_path_and_is_not_by_a_bare_word(vaecli, twins):
    own, other = twins
    (other.path / "epochs" / "0001").rename(vaecli.folder / "epoch")
    for arguments in (
        ("runs", "show"),
        ("runs", "verify"),
        ("encode", "-o", "-"),
        ("latent-plot", "-o", "-"),
    ):
        own_result = vaecli(*arguments, "mine", text=False)
        assert own_result.returncode == 0, own_result.stderr
        assert own_result.stdout != vaecli(*arguments, "./mine", text=False).stdout
    shutil.rmtree(own.path)
    for arguments in (("grid", "mine"), ("latent-plot", "./mine", "--compare", "mine")):
        result = vaecli(*arguments, "-o", "-")
        assert (result.returncode, "There is no run in " in result.stderr) == (4, True)


def test_an_option_before_the_command_that_would_not_hear_of_it_is_refused(vaecli, twins, store):
    own, other = twins
    result = vaecli("runs", "--artifacts", vaecli.folder, "rm", "mine", "--yes")
    assert (result.returncode, result.stderr.splitlines()) == (
        2,
        ["--artifacts stands before rm.", "Put it after: vaecli runs rm … --artifacts …"],
    )
    assert own.epochs() == other.epochs() == (0, 1)


def test_completion_offers_the_runs_of_the_store_or_after_a_slash_those_of_a_directory(vaecli, twins, store):
    def offered(*words):
        complete = {"_VAECLI_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(words)}
        script = "import sys; sys.argv[0] = 'vaecli'; from vaecli.__main__ import main; main()"
        environment = {**os.environ, "VAECLI_ARTIFACTS": str(store.root), **complete}
        environment["COMP_CWORD"] = str(len(words) - 1)
        return subprocess.run(
            [sys.executable, "-c", script],
            env=environment,
            cwd=vaecli.folder,
            capture_output=True,
            text=True,
            check=False,
        ).stdout.split()

    shutil.copytree(store.root / "mine", store.root / "other")
    shutil.copytree(store.root, vaecli.folder / "kept")
    assert offered("vaecli", "grid", "") == ["other", "mine"]
    assert offered("vaecli", "runs", "rm", "m") == ["mine"]
    assert offered("vaecli", "train", "--resume", "./") == ["./mine"]
    assert offered("vaecli", "grid", "kept/o") == ["kept/other"]


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_run_is_exported_and_imported(vaecli, fabricate, store):
    fabricate(2, name="mine")
    assert vaecli("runs", "export").stdout == "mine.zip\n"
    piped = vaecli("runs", "export", "mine", "-o", "-", text=False)
    assert piped.stdout == (vaecli.folder / "mine.zip").read_bytes()
    assert vaecli("runs", "import", "mine.zip").stdout == "mine-1\n"
    result = vaecli("runs", "import", "mine.zip", "--name", "theirs", "--json")
    assert json.loads(result.stdout) == {"name": "theirs", "path": str(store.root / "theirs"), "epochs": 3}
    assert vaecli("runs", "verify", "--all").returncode == 0
    assert vaecli("runs", "import", "mine.zip", "--name", "theirs").returncode == 2
    (vaecli.folder / "bad.zip").write_bytes(b"PK")
    result = vaecli("runs", "import", "bad.zip")
    assert (result.returncode, result.stderr.splitlines()[0]) == (5, "bad.zip is not a readable ZIP file.")
