"""What strangers may send: runs whose digests are right and whose contents are not."""

import hashlib
import io
import json
import os
import socket
import struct

import h5py
import numpy as np

from vaecli.store import documents, formats, tensors

LOOSE = {str: object}


def sealed(document):
    """Return the bytes of a document whose digest is right, whatever it holds."""
    content = {key: value for key, value in document.items() if key not in ("format", "version", "sha256")}
    return documents.encode(document["format"], document["version"], LOOSE, content)


def rewrite(path, change):
    document = json.loads(path.read_bytes())
    change(document)
    path.write_bytes(sealed(document))


def adopt(run):
    """Make every document of a run name its present `run.json`."""
    digest = hashlib.sha256((run / "run.json").read_bytes()).hexdigest()
    for pattern in ("epochs/*/epoch.json", "checkpoints/*/checkpoint.json", "stops/*.json"):
        for path in run.glob(pattern):
            rewrite(path, lambda document: document.update(run=digest))


def refile(path, data, table=None):
    """Write a file of an epoch or checkpoint, and its size, digest and table into the manifest."""
    path.write_bytes(data)
    (document,) = path.parent.glob("*.json")

    def change(content):
        entry = content["files"][path.name]
        entry.update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
        entry.update({} if table is None else {"arrays": table})

    rewrite(document, change)


def in_run(change):
    def build(run):
        rewrite(run / "run.json", change)
        adopt(run)

    return build


def in_epoch(change):
    return lambda run: rewrite(run / "epochs" / "0001" / "epoch.json", change)


def in_snapshot(change):
    """Change the arrays of a snapshot; what the store would not write, NaN, is put in afterwards."""

    def build(run):
        path = run / "epochs" / "0001" / "snapshot.h5"
        entry = json.loads(path.with_name("epoch.json").read_bytes())["files"]["snapshot.h5"]
        arrays = tensors.decode(path.read_bytes(), entry["arrays"], "")
        change(arrays)
        tame = {name: np.nan_to_num(array, nan=7.5e5, posinf=7.5e5) for name, array in arrays.items()}
        data, table = tensors.encode(tame)
        for name, array in arrays.items():
            at = table[name]["offset"]
            data = data[:at] + array.tobytes() + data[at + array.nbytes :]
        refile(path, data, table)

    return build


def in_weights(change):
    def build(run):
        path = run / "epochs" / "0001" / "weights.h5"
        refile(path, change(path.read_bytes()))

    return build


def in_table(change):
    return in_epoch(lambda document: change(document["files"]["snapshot.h5"]["arrays"]))


def raw(file, data):
    return lambda run: (run / file).write_bytes(data)


def link(file, target):
    def build(run):
        path = run / file
        if path.is_dir():
            path.rename(run.parent.parent / f"moved-{run.name}")
        else:
            path.unlink(missing_ok=True)
        path.symlink_to(target)

    return build


def special(file, make):
    def build(run):
        (run / file).unlink(missing_ok=True)
        make(run / file)

    return build


def a_socket(path):
    here = os.getcwd()  # noqa: PTH109 - a socket's path must be short
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)
    os.chdir(here)


def as_snapshot(change):
    """Put a file of HDF5 with one strange `mean` in the place of a snapshot, its table as it was."""

    def build(run):
        buffer = io.BytesIO()
        with h5py.File(buffer, "w", libver="earliest") as file:
            change(file)
        refile(run / "epochs" / "0001" / "snapshot.h5", buffer.getvalue())

    return build


def virtual(file):
    layout = h5py.VirtualLayout(shape=(6, 2), dtype="f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape=(6, 2))
    file.create_virtual_dataset("mean", layout)


def ladder(file):
    """Groups that each hold the next one twice: 2⁴⁰ ways to the end."""
    group = file.create_group("mean")
    for _ in range(40):
        deeper = group.create_group("a")
        group["b"] = deeper
        group = deeper


STORAGE = {
    "external": lambda file: file.create_dataset("mean", (6, 2), "f4", external=[("/etc/passwd", 0, 48)]),
    "virtual": virtual,
    "external link": lambda file: file.__setitem__("mean", h5py.ExternalLink("/etc/passwd", "/x")),
    "soft link": lambda file: file.__setitem__("mean", h5py.SoftLink("/log_var")),
    "a group in itself": lambda file: file.create_group("mean").__setitem__("up", file),
    "2⁴⁰ groups": ladder,
    "4 TB": lambda file: file.create_dataset("mean", (10**12,), "f4"),
    "compressed zeros": lambda file: file.create_dataset(
        "mean", (10**8,), "f4", compression="gzip", fillvalue=0
    ),
    "opaque bytes": lambda file: file.create_dataset("mean", data=np.void(b"cos\nsystem\n")),
}

TEXTS = {
    "empty": b"",
    "list": b"[]",
    "null": b"null",
    "deep list": b"[" * 100_000,
    "deep object": b'{"a":' * 100_000,
    "NaN": b'{"format": "vaecli-run", "version": 1, "a": NaN}',
    "Infinity": b'{"format": "vaecli-epoch", "version": 1, "a": -Infinity}',
    "key twice": b'{"format": "vaecli-run", "format": "vaecli-run"}',
    "beyond float": b'{"format": "vaecli-run", "version": 1, "a": 1e999, "sha256": ""}',
    "many digits": b'{"format": "vaecli-run", "version": ' + b"9" * 4000 + b"}",
    "too many digits": b'{"format": "vaecli-run", "version": ' + b"9" * 5000 + b"}",
    "no UTF-8": b'{"format": "\xff\xfe"}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "surrogate": b'{"format": "vaecli-run", "version": 1, "a": "\\ud800", "sha256": ""}',
    "HTML": b"<html></html>",
    "5 MiB of spaces": b" " * 5 * 1024**2,
}

HOSTILE = {
    **{f"run.json: {name}": raw("run.json", data) for name, data in TEXTS.items()},
    **{f"epoch.json: {name}": raw("epochs/0001/epoch.json", data) for name, data in TEXTS.items()},
    "a version to come": in_run(lambda document: document.update(version=formats.VERSION + 1)),
    "3·10⁹ units": in_run(lambda document: document["config"].update(latent_dim=3 * 10**9)),
    "10¹² epochs": in_run(lambda document: document["config"].update(epochs=10**12)),
    "unknown setting": in_run(lambda document: document["config"].update(hook="os.system")),
    "network from elsewhere": in_run(lambda document: document["config"].update(architecture="../../evil")),
    "likelihood from elsewhere": in_run(lambda document: document["config"].update(likelihood="os.system")),
    "sigma of no pixels": in_run(lambda document: document["config"].update(sigma=0.5)),
    "images of 10⁹ pixels a side": in_run(
        lambda document: document["dataset"].update(shape=[10**9, 10**9, 1])
    ),
    "images without a height": in_run(lambda document: document["dataset"].update(shape=[0, 3, 1])),
    "other images": in_run(lambda document: document["dataset"].update(shape=[4, 4, 1])),
    "10¹² images": in_run(lambda document: document["dataset"].update(heldout_count=10**12)),
    "no classes": in_run(lambda document: document["dataset"].update(class_names=[])),
    "10¹² parameters": in_run(
        lambda document: document["parameters"].update(encoder=10**12, total=10**12 + 4)
    ),
    "a date without a zone": in_run(lambda document: document.update(created="2026-01-01T00:00:00")),
    "no date": in_run(lambda document: document.update(created="\x1b[31m")),
    "more keys": in_run(lambda document: document.update(code="print()")),
    "a number too large": in_epoch(lambda document: document["metrics"].update(kl=10**400)),
    "KL of no latent": in_epoch(lambda document: document["metrics"].update(kl_per_latent=[])),
    "another epoch": in_epoch(lambda document: document.update(epoch=0)),
    "epochs below zero": in_epoch(lambda document: document.update(epochs=-1)),
    "a file from elsewhere": in_epoch(
        lambda document: document["files"].update({"../../x": {"bytes": 1, "sha256": ""}})
    ),
    "a file of −1 bytes": in_epoch(lambda document: document["files"]["snapshot.h5"].update(bytes=-1)),
    "a file of 10¹⁸ bytes": in_epoch(lambda document: document["files"]["snapshot.h5"].update(bytes=10**18)),
    "NaN in the encodings": in_snapshot(lambda arrays: arrays["mean"].__setitem__(0, np.nan)),
    "infinite log-variance": in_snapshot(lambda arrays: arrays["log_var"].__setitem__(0, np.inf)),
    "labels of no class": in_snapshot(lambda arrays: arrays["labels"].__setitem__(0, 10**6)),
    "labels below zero": in_snapshot(lambda arrays: arrays["labels"].__setitem__(0, -1)),
    "dims of no latent": in_snapshot(lambda arrays: arrays["grid_dims"].__setitem__(0, 7)),
    "fewer encodings": in_snapshot(lambda arrays: arrays.update(mean=arrays["mean"][:3])),
    "a grid without rows": in_snapshot(
        lambda arrays: arrays.update(grid=arrays["grid"][:0], grid_latents=arrays["grid_latents"][:0])
    ),
    "doubles": in_snapshot(lambda arrays: arrays.update(mean=arrays["mean"].astype("f8"))),
    "an array more": in_snapshot(lambda arrays: arrays.update(more=np.zeros(3))),
    "an array less": in_snapshot(lambda arrays: arrays.pop("index")),
    "an array outside of the file": in_table(lambda table: table["mean"].update(offset=10**6)),
    "an array before the file": in_table(lambda table: table["mean"].update(offset=-4)),
    "an array of 4 TB": in_table(lambda table: table["mean"].update(shape=[10**6, 10**6])),
    "an array of 10³⁰ numbers": in_table(lambda table: table["mean"].update(shape=[10**30])),
    "an array of 50 dimensions": in_table(lambda table: table["mean"].update(shape=[1] * 50)),
    "an array of −1 numbers": in_table(lambda table: table["mean"].update(shape=[-1, 2])),
    "an array of objects": in_table(lambda table: table["mean"].update(type="|O")),
    "an array of words": in_table(lambda table: table["mean"].update(type="<U9")),
    "an array of a comma-separated type": in_table(lambda table: table["mean"].update(type="f4,f4,i8")),
    "10⁴ arrays": in_table(lambda table: table.update({f"{n}": table["mean"] for n in range(10**4)})),
    "no HDF5": lambda run: refile(run / "epochs" / "0001" / "snapshot.h5", b"PK\3\4 not HDF5"),
    **{f"HDF5: {name}": as_snapshot(change) for name, change in STORAGE.items()},
    "weights of NaN": lambda run: refile(
        run / "checkpoints" / "0001" / "tensors.h5",
        (run / "checkpoints" / "0001" / "tensors.h5")
        .read_bytes()
        .replace(struct.pack("<6f", *[1.0] * 6), b"\xff" * 24),
    ),
    "weights larger than their network": lambda run: refile(
        run / "checkpoints" / "0001" / "tensors.h5",
        *tensors.encode({"weights/w": np.zeros((1000, 1000), np.float32)}),
    ),
    "rounded weights of NaN": in_weights(
        lambda data: data.replace(struct.pack("<6e", *[1.0] * 6), b"\xff" * 12)
    ),
    "rounded weights outside of the file": in_epoch(
        lambda document: document["files"]["weights.h5"]["arrays"]["w"].update(offset=10**6)
    ),
    "rounded weights of doubles": lambda run: refile(
        run / "epochs" / "0001" / "weights.h5", *tensors.encode({"w": np.zeros((3, 2))})
    ),
    "rounded weights larger than their network": lambda run: refile(
        run / "epochs" / "0001" / "weights.h5",
        *tensors.encode({"w": np.zeros((1000, 1000), np.float16)}),
    ),
    "rounded weights a link": link("epochs/0001/weights.h5", "/etc/passwd"),
    "run.json a link": link("run.json", "/etc/passwd"),
    "epoch.json a link": link("epochs/0001/epoch.json", "/etc/passwd"),
    "snapshot a link": link("epochs/0001/snapshot.h5", "/etc/passwd"),
    "snapshot a link to nothing": link("epochs/0001/snapshot.h5", "nowhere"),
    "an epoch a link": link("epochs/0001", "/etc"),
    "all epochs a link": link("epochs", "/etc"),
    "all checkpoints a link": link("checkpoints", "/"),
    "the lock a link": link("run.lock", "/etc/passwd"),
    "the log a link": link("train.log", "/etc/passwd"),
    "run.json a pipe": special("run.json", os.mkfifo),
    "epoch.json a pipe": special("epochs/0001/epoch.json", os.mkfifo),
    "snapshot a pipe": special("epochs/0001/snapshot.h5", os.mkfifo),
    "the lock a pipe": special("run.lock", os.mkfifo),
    "snapshot a socket": special("epochs/0001/snapshot.h5", a_socket),
    "snapshot a folder": special("epochs/0001/snapshot.h5", os.mkdir),
    "run.json a folder": special("run.json", os.mkdir),
    "an epoch a file": lambda run: (run / "epochs" / "0002").write_bytes(b"x"),
    "names that look like epochs": lambda run: [
        (run / "epochs" / name).mkdir() for name in ("00002", "2", "٠٠٠٢", "99999999999", "-001", "0002 ")
    ],
    "a name that commands the terminal": lambda run: (run / "epochs" / "\x1b[2J\u202e\n0002").mkdir(),
}
