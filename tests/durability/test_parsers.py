"""Bytes that somebody spoilt: every parser refuses them in our words, and none of them falls."""

import gzip
import json
import random
import struct

import pytest

from tests.durability import stub
from tests.durability.children import Child
from tests.durability.conftest import count
from tests.durability.corpus import sealed
from tests.durability.filelayer import FileLayer
from vaecli.data import idx
from vaecli.errors import VaecliError
from vaecli.store import Snapshot, documents, formats, read_archive, tensors, write_archive


def spoilt(chance, data):
    """Return data with a few bytes changed, cut, doubled or moved."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 16))):
        at = chance.randrange(len(changed) + 1)
        kind = chance.randrange(6)
        if kind == 0 and changed:
            changed[at % len(changed)] ^= 1 << chance.randrange(8)
        elif kind == 1 and changed:
            changed[at % len(changed)] = chance.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF))
        elif kind == 2:
            del changed[at : at + chance.randrange(1, 64)]
        elif kind == 3:
            changed[at:at] = chance.randbytes(chance.randrange(1, 16))
        elif kind == 4:
            changed[at : at + 8] = struct.pack("<Q", chance.choice((0, 2**31, 2**32 - 1, 2**63, 2**64 - 1)))
        else:
            changed[at:at] = changed[at : at + chance.randrange(1, 200)]
    return bytes(changed)


def spoilt_value(chance, value):
    """Return a plain value with something in it replaced by what a document rarely holds."""
    strange = [None, True, -1, 0, 10**30, 1e300, "", "\x1b[31m", [], {}, [[]], "9" * 50, 0.5]
    if chance.random() < 0.15 or not isinstance(value, dict | list) or not value:
        return chance.choice(strange)
    if isinstance(value, dict):
        key = chance.choice(list(value))
        return {**value, key: spoilt_value(chance, value[key])}
    at = chance.randrange(len(value))
    return [*value[:at], spoilt_value(chance, value[at]), *value[at + 1 :]]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return a small run."""
    root = tmp_path_factory.mktemp("run")
    with FileLayer():
        stub.train(root, 1, name="run", keep="all")
    return stub.Store(root).resolve("run")


def fuzz(rounds, data, parse, spoil=spoilt):
    """Parse spoilt data in a child, so that a fall of the parser is seen too; return what was refused."""

    def live(say):
        refused = 0
        for number in range(rounds):
            sample = spoil(random.Random(number), data)
            try:
                parse(sample)
            except VaecliError:
                refused += 1
            except Exception as error:
                say(f"{type(error).__name__}: {error} in round {number}")
                raise
        say(f"{refused}")

    code, said = Child(live).wait()
    assert code == 0, said[:3]
    return int(said[0])


def test_documents(run, report):
    rounds = count(20_000, 200_000)
    for name, kind, schemas in (
        ("run.json", formats.RUN_FORMAT, formats.RUN_SCHEMAS),
        ("epochs/0001/epoch.json", formats.EPOCH_FORMAT, formats.EPOCH_SCHEMAS),
    ):
        whole = (run.path / name).read_bytes()

        def parse(data, kind=kind, schemas=schemas):
            documents.decode(data, kind, schemas, "x")

        refused = fuzz(rounds, whole, parse)
        report(f"parsers: {rounds} spoilt {name}: {refused} refused, 0 exceptions that are not ours")


def test_documents_whose_digest_is_right(run, report):
    rounds = count(10_000, 150_000)

    def parse_run(data):
        document = documents.decode(data, formats.RUN_FORMAT, formats.RUN_SCHEMAS, "x")
        facts = formats.facts_of(document, "x")
        assert formats.largest_snapshot(facts) > 0
        assert facts.created.timestamp() < 1e12

    def parse_epoch(data):
        document = documents.decode(data, formats.EPOCH_FORMAT, formats.EPOCH_SCHEMAS, "x")
        formats.check_epoch(document, 1, run.digest, 2, "x")
        assert len(f"{document['metrics']['negative_elbo']:.1f}") > 2

    def spoil(chance, document):
        changed = spoilt_value(chance, document)
        return sealed({**document, **changed} if isinstance(changed, dict) else document)

    def spoil_content(chance, document):
        content = {key: value for key, value in document.items() if key not in ("format", "version")}
        changed = spoilt_value(chance, content)
        return sealed({**(changed if isinstance(changed, dict) else content), **stamp_of(document)})

    def stamp_of(document):
        return {key: document[key] for key in ("format", "version")}

    for name, parse in (("run.json", parse_run), ("epochs/0001/epoch.json", parse_epoch)):
        refused = fuzz(rounds, json.loads((run.path / name).read_bytes()), parse, spoil_content)
        report(
            f"parsers: {rounds} {name} with strange values and a right digest: {refused} refused, 0 others"
        )


def test_arrays(run, report):
    """Bytes and tables past their digests: tables are spoilt as values, bytes as bytes."""
    rounds = count(5_000, 100_000)
    entry = run.epoch_document(1)["files"]["snapshot.h5"]
    whole, table = (run.path / "epochs/0001/snapshot.h5").read_bytes(), entry["arrays"]

    def parse_table(spoilt_table):
        sealed_table = documents.encode("x", 1, {str: object}, {"t": spoilt_table})
        content = documents.decode(sealed_table, "x", {1: {"t": tensors.TABLE_SCHEMA}}, "x")
        Snapshot.from_arrays(tensors.decode(whole, content["t"], "x"), run.facts, "x")

    def parse_bytes(data):
        Snapshot.from_arrays(tensors.decode(data, table, "x"), run.facts, "x")

    refused = fuzz(rounds, table, parse_table, spoilt_value)
    report(f"parsers: {rounds} spoilt tables of arrays: {refused} refused, 0 others")
    refused = fuzz(rounds, whole, parse_bytes)
    report(f"parsers: {rounds} spoilt snapshots past their digests: {refused} refused, 0 others")


def test_idx(report):
    rounds = count(20_000, 150_000)
    plain = bytes([0, 0, 8, 3]) + struct.pack(">3I", 5, 4, 3) + bytes(60)
    for words, whole in (("IDX", plain), ("gzipped IDX", gzip.compress(plain, mtime=0))):
        refused = fuzz(rounds, whole, lambda data: idx.decode(idx.unpack(data, "x", 10**6), "x"))
        report(f"parsers: {rounds} spoilt {words}: {refused} refused, 0 others")


def test_archives(run, tmp_path, report):
    rounds = count(300, 5_000)
    with (tmp_path / "run.zip").open("wb") as file:
        write_archive(run, file)

    def parse(data):
        (tmp_path / "spoilt.zip").write_bytes(data)
        with FileLayer():
            read_archive(tmp_path / "spoilt.zip", tmp_path / "store")

    def spoil(chance, data):
        edge = chance.choice((0, len(data) - 1200))  # the first header, or the table of contents
        part = spoilt(chance, data[edge : edge + 1200])
        return data[:edge] + part + data[edge + 1200 :]

    refused = fuzz(rounds, (tmp_path / "run.zip").read_bytes(), parse, spoil)
    for left in stub.Store(tmp_path / "store").runs():
        assert stub.verify(left) == []
    report(
        f"parsers: {rounds} spoilt archives: {refused} refused, {rounds - refused} brought in whole, 0 others"
    )
