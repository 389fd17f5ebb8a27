"""`vaecli runs` and `vaecli runs show`."""

import json


def test_runs_are_listed_newest_first_with_their_facts(vaecli, fabricate):
    fabricate(3, name="old")
    fabricate(1, total=4, name="new")
    lines = vaecli("runs").stdout.splitlines()
    assert lines[0].split() == ["name", "dataset", "state", "epochs", "−ELBO", "age"]
    assert lines[1].split()[:5] == ["new", "toy", "interrupted", "1/4", "297.0"]
    assert lines[2].split()[:5] == ["old", "toy", "finished", "3/3", "281.0"]


def test_runs_as_json_are_an_array_of_objects(vaecli, fabricate):
    fabricate(3, name="old")
    (fact,) = json.loads(vaecli("runs", "--json").stdout)
    age = fact.pop("age")
    assert 0 <= age < 600
    assert fact == {
        "name": "old",
        "dataset": "toy",
        "state": "finished",
        "epochs": 3,
        "total_epochs": 3,
        "negative_elbo": 281.0,
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
    for words in ("  beta  0.5", "state  finished", "  total  30", "class 0, class 1, class 2"):
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
