"""`vaecli explore`: one offline page of a run."""

import json


def test_a_page_is_written_and_its_path_printed(vaecli, trained):
    done = vaecli("explore", "whole", "--no-images", "-o", "run.html", "--json")
    facts = json.loads(done.stdout)
    data = (vaecli.folder / "run.html").read_bytes()
    assert (done.returncode, done.stderr) == (0, "")
    assert facts == {
        "path": "run.html",
        "runs": ["whole"],
        "epochs": [0, 1, 2, 3, 4],
        "images": 20,
        "bytes": len(data),
    }


def test_two_runs_lie_side_by_side_and_three_do_not(vaecli, trained):
    done = vaecli("explore", "whole", "whole", "--no-images", "-o", "-", text=False)
    assert done.stdout.startswith(b"<!doctype html>")
    done = vaecli("explore", "whole", "whole", "whole")
    assert (done.returncode, done.stdout) == (2, "")
    assert "3 runs cannot be explored.\nExpected: one run, or two." in done.stderr


def test_what_does_not_fit_is_said(vaecli, trained):
    done = vaecli("explore", "--no-images", "--max-mb", "2")
    assert done.stdout == "explore-whole.html\n"
    assert "The weights of whole are rounded to 8 bits." in done.stderr
    assert (vaecli.folder / "explore-whole.html").stat().st_size < 2e6


def test_weights_that_do_not_fit_the_network_are_refused(vaecli, fabricate):
    fabricate(1)
    done = vaecli("explore", "--no-images")
    assert done.returncode == 5
    assert "The weights do not fit their run: tensor" in done.stderr
