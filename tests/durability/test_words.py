"""Foreign words in every printing command: nothing that commands a terminal comes out."""

import shutil
import unicodedata

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import metrics_of
from tests.durability import stub
from tests.durability.children import captured
from tests.durability.conftest import count
from tests.durability.filelayer import FileLayer
from vaecli.config import TrainConfig
from vaecli.data import CATALOGUE
from vaecli.store import Store, create_run

EXAMPLES = count(40, 1000)
NASTY = [
    "\x1b[31m",
    "\x1b]0;title\x07",
    "\u202e",
    "\u2028",
    "\u2029",
    "\x85",
    "\x0b",
    "\r",
    "\n",
    "\x9b2J",
    "[bold]",
    "[/x]",
]
WORDS = st.text(max_size=20) | st.lists(st.sampled_from([*NASTY, "a", "é", "猫"]), max_size=6).map("".join)
NAMES = WORDS.filter(
    lambda word: word and "/" not in word and "\0" not in word and word not in (".", "..")
).filter(
    lambda word: (
        len(word.encode(errors="surrogatepass")) < 200
        and not any(unicodedata.category(character) == "Cs" for character in word)
    )
)
ENCODABLE = WORDS.filter(lambda word: not any(unicodedata.category(character) == "Cs" for character in word))


def no_set(word):
    """Return a word that names no dataset: one that does would be trained on."""
    known = {alias for named in CATALOGUE.values() for alias in (named.name, *named.aliases)}
    is_set = word.strip().lower() in known or word.startswith(("keras:", "tfds:", "hf:"))
    return "x" if is_set or not word else word


def fabricate(root, classes, word, name):
    """Make a run with foreign words wherever a run has words, and a stop with one."""
    record = stub.DatasetRecord(word or "x", word, word, stub.SHAPE, classes, 8, stub.COUNT)
    config = TrainConfig(dataset=word or "x", epochs=2).resolved()
    more = {"argv": [word, *classes], "libraries": {word: word}, "machine": {word: word}}
    parameters = {"encoder": 2, "decoder": 4, "total": 6}
    with create_run(Store(root), config, record, parameters=parameters, name="run", **more) as writer:
        writer.commit(2, metrics_of(0), stub.snapshot(0), stub.checkpoint(0), "last")
        writer.record_stop(1, "diverged", word)
    shutil.move(root / "run", root / name)
    (root / name / "epochs" / f"x{word}".replace("/", "").replace("\0", "")[:40]).mkdir()


def test_a_thousand_labels_class_names_and_file_names(tmp_path, report):
    printed = 0

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.tuples(ENCODABLE, ENCODABLE), ENCODABLE, NAMES)
    def check(classes, word, name):
        nonlocal printed
        root = tmp_path / "store"
        shutil.rmtree(root, ignore_errors=True)
        with FileLayer():
            fabricate(root, classes, word, name)
        where = ("--artifacts", root)
        for arguments in (
            ("runs", *where),
            ("runs", "--json", *where),
            ("runs", "show", *where),
            ("runs", "show", "--json", *where),
            ("runs", "show", f"{name}?", *where),
            ("runs", "verify", *where),
            ("runs", "verify", "--all", "--json", *where),
            ("runs", "rm", f"-{word}", *where),
            ("runs", "import", f"{tmp_path}/{name}.zip", *where),
            ("encode", "latest", f"./{name}.png", *where),
            ("encode", "--split", word, *where),
            ("train", "--dataset", no_set(word), "--offline", *where),
            ("train", "--name", word, "--dataset", no_set(name), "--offline", *where),
        ):
            code, out, err = captured(arguments)
            assert code in (0, 2, 3, 4, 5, 9), (arguments, err)
            bad = [c for c in out + err if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c != "\n"]
            assert bad == [], arguments
            assert "MarkupError" not in err
            assert len(err.splitlines()) <= 3, (arguments, err)
            printed += len(out + err)

    check()
    report(
        f"words: {EXAMPLES} made-up runs × 13 commands, {printed:,} characters: 0 control or bidi characters"
    )
