"""The house keeps its rules: who imports whom, and what a command may load."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

HOUSE = Path(__file__).parent.parent / "vaecli"

#: What every room may import.
FOUNDATION = ("errors", "config", "files", "latents", "images", "metrics", "registry", "values", "words")

#: What reading a dataset takes, for whoever may see all of the room.
DATA = ("data", "data/named", "data/files", "data/libraries")

#: The middle floor: what a command calls, and Python, too. No room imports it.
MIDDLE = (
    "assessment",
    "chatter",
    "diagnosis",
    "figures",
    "inference",
    "machine",
    "notebook",
    "observers",
    "origins",
    "runs",
    "training",
)

#: The doors, which open onto any floor.
DOORS = ("__init__", "__main__")

#: Room, or wing of a room → the third-party packages that it may import, and the rooms. A wing sees what its
#: room shares, and no other wing.
ROOMS = {
    "errors": ((), ()),
    "config": ((), ("errors", "registry", "values")),
    "values": ((), ("errors",)),
    "registry": ((), ()),
    "latents": (("numpy",), ("errors",)),
    "files": ((), ("errors",)),
    "words": ((), ()),
    "metrics": ((), ("words",)),
    "images": (("numpy",), ()),
    "data": (("numpy", "PIL", "platformdirs"), FOUNDATION),
    "data/named": (("numpy", "PIL", "requests"), (*FOUNDATION, "data")),
    "data/files": (("numpy", "h5py"), (*FOUNDATION, "data")),
    "data/libraries": (("numpy", "PIL"), (*FOUNDATION, "data")),
    "blueprint": (("numpy",), FOUNDATION),
    "network": (("numpy", "tensorflow", "keras", "tensorboard"), (*FOUNDATION, "blueprint")),
    "store": (("numpy", "h5py"), FOUNDATION),
    "render": (("numpy", "matplotlib", "PIL", "imageio"), FOUNDATION),
    "explorer": (("numpy", "PIL"), FOUNDATION),
    "machine": ((), ()),
    "observers": ((), ("network", "store")),
    "chatter": ((), ("observers",)),
    "runs": ((), (*FOUNDATION, "blueprint", "store")),
    "origins": (("numpy",), (*FOUNDATION, "store", "runs")),
    "diagnosis": (("numpy",), (*FOUNDATION, "store")),
    "inference": (
        ("numpy",),
        (*FOUNDATION, *DATA, "blueprint", "network", "store", "chatter", "observers", "runs"),
    ),
    "notebook": ((), (*FOUNDATION, "network", "store", "chatter", "observers")),
    "training": (
        ("numpy",),
        (
            *FOUNDATION,
            *DATA,
            "network",
            "store",
            "chatter",
            "machine",
            "notebook",
            "observers",
            "origins",
            "runs",
        ),
    ),
    "assessment": (
        ("numpy",),
        (*FOUNDATION, *DATA, "blueprint", "network", "store", "chatter", "machine", "observers", "runs"),
    ),
    "figures": (
        ("numpy",),
        (*FOUNDATION, *DATA, "blueprint", "explorer", "store", "render", "inference", "observers", "runs"),
    ),
    "cli": (("numpy", "typer", "rich"), (*FOUNDATION, *DATA, "network", "store", "render", *MIDDLE)),
    "__init__": ((), ("errors", "config", *DATA, "store", *MIDDLE)),
    "__main__": ((), ("cli",)),
}

#: The files of a room that may see all of its wings.
JOINTS = {"data/__init__.py": DATA, "data/loading.py": DATA}

#: A program, run in a process of its own: what it may import beside what its room may.
PROGRAMS = {"data/libraries/worker.py": ("keras", "tensorflow_datasets", "datasets", "huggingface_hub")}

HEAVY = {"tensorflow", "keras", "numpy", "matplotlib", "h5py", "PIL", "imageio", "requests"}


def imports_of(path):
    """Return the absolute module names that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides its room"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room_of(parts):
    """Return the room that a file or a module belongs to: the longest beginning of its path that is one."""
    paths = ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((path for path in paths if path in ROOMS), None)


@pytest.mark.parametrize("path", sorted(HOUSE.rglob("*.py")), ids=lambda path: str(path.relative_to(HOUSE)))
def test_a_file_imports_only_what_its_room_may(path):
    inside = path.relative_to(HOUSE)
    room = room_of(inside.with_suffix("").parts)
    packages, rooms = ROOMS[room]
    packages += PROGRAMS.get(inside.as_posix(), ())
    rooms += JOINTS.get(inside.as_posix(), ())
    for name in imports_of(path):
        top, *rest = name.split(".")
        if top == "vaecli":
            assert rest in ([], ["__version__"]) or room_of(rest) in (*rooms, room), f"{room} imports {name}"
        else:
            assert top in sys.stdlib_module_names or top in packages, f"{room} imports {name}"


@pytest.mark.parametrize(
    "path", sorted(HOUSE.rglob("data/**/*.py")), ids=lambda path: str(path.relative_to(HOUSE))
)
def test_within_a_room_nobody_goes_through_what_joins_its_wings(path):
    if path.relative_to(HOUSE).as_posix() not in JOINTS:
        modules = {".".join(name.split(".")[:3]) for name in imports_of(path)}
        shared = {f"vaecli.data.{file.stem}" for file in (HOUSE / "data").iterdir() if file.stem != "loading"}
        assert all(module in shared for module in modules if module.startswith("vaecli.data"))


@pytest.mark.parametrize("package", ["subprocess", "http", "requests"])
def test_only_these_files_start_programs_or_open_connections(package):
    importing = {
        path.relative_to(HOUSE).as_posix()
        for path in HOUSE.rglob("*.py")
        if any(name.split(".")[0] == package for name in imports_of(path))
    }
    assert importing <= {
        "data/named/mirrors.py",
        "data/named/packages.py",
        "data/libraries/guest.py",
    }


def test_no_room_imports_the_middle_floor_or_the_face():
    above = {*MIDDLE, "cli"}
    rooms = {room: neighbours for room, (_, neighbours) in ROOMS.items() if room not in (*above, *DOORS)}
    assert not {room for room, neighbours in rooms.items() if above & set(neighbours)}


def test_no_command_imports_another_command():
    texts = {path.stem: path.read_text(encoding="utf-8") for path in (HOUSE / "cli").glob("*.py")}
    marks = ("\ndef command(", "\napp = typer.Typer(")
    commands = {name for name, text in texts.items() if any(mark in text for mark in marks)} - {"main"}
    assert len(commands) > 8
    for name in texts.keys() - {"main"}:
        imports = imports_of(HOUSE / "cli" / f"{name}.py")
        assert not commands & {what.split(".")[2] for what in imports if what.startswith("vaecli.cli.")}, name


@pytest.mark.parametrize("program", PROGRAMS)
def test_nobody_imports_a_program(program):
    module = f"vaecli.{program.removesuffix('.py').replace('/', '.')}"
    importing = [
        str(path) for path in HOUSE.rglob("*.py") if any(name.startswith(module) for name in imports_of(path))
    ]
    assert importing == []


def modules_after(*arguments, artifacts):
    """Return the exit code of a command in a fresh interpreter and the packages that it loaded."""
    program = (
        "import json, sys\n"
        "from vaecli.cli.main import run\n"
        "code = run(sys.argv[2:])\n"
        "loaded = sorted({name.partition('.')[0] for name in sys.modules})\n"
        "open(sys.argv[1], 'w').write(json.dumps([code, loaded]))\n"
    )
    report = artifacts.parent / "report.json"
    command = [sys.executable, "-c", program, str(report), *arguments]
    environment = {"VAECLI_ARTIFACTS": str(artifacts), "PATH": "/usr/bin:/bin", "HOME": str(artifacts.parent)}
    subprocess.run(command, check=True, capture_output=True, env=environment, cwd=artifacts.parent)
    code, loaded = json.loads(report.read_text())
    return code, set(loaded)


@pytest.mark.parametrize(
    ("arguments", "forbidden"),
    [
        (["--help"], HEAVY | {"rich"}),
        (["--version"], HEAVY | {"rich"}),
        (["train", "--help"], HEAVY | {"rich"}),
        (["runs"], HEAVY | {"rich"}),
        (["runs", "--json"], HEAVY | {"rich"}),
        (["runs", "show"], HEAVY | {"rich"}),
        (["data", "list"], HEAVY | {"rich"}),
        (["encode"], {"tensorflow", "keras", "matplotlib", "PIL", "rich"}),
        (["latent-plot", "--epochs-gif"], {"tensorflow", "keras", "imageio", "requests", "rich"}),
        (["grid", "--epochs-gif"], {"tensorflow", "keras", "imageio", "requests", "rich"}),
        (["grid", "--epochs-gif", "--beside-latent"], {"tensorflow", "keras", "imageio", "requests", "rich"}),
        (["curves"], {"tensorflow", "keras", "h5py", "imageio", "pooch", "rich"}),
        (["reconstruct", "--epochs", "all"], {"tensorflow", "keras", "imageio", "requests", "rich"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_loads_only_what_it_needs(fabricate, store, arguments, forbidden):
    fabricate(1)
    code, loaded = modules_after(*arguments, artifacts=store.root)
    assert code == 0
    assert not loaded & forbidden


def test_a_traversal_does_not_wait_for_tensorflow(lively, store):
    code, loaded = modules_after("traverse", artifacts=store.root)
    assert code == 0
    assert not loaded & {"tensorflow", "keras", "imageio", "pooch", "rich"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["interpolate", "--from", "z:0,0", "--to", "z:1,1"],
        ["grid", "--rows", "5", "--columns", "6"],
        ["grid", "--random", "9"],
        ["reconstruct", "--images", "own.png"],
        ["explore", "--no-images"],
        ["encode", "latest", "own.png"],
        ["decode", "latest", "latents.csv", "-o", "sheet.png"],
    ],
    ids=" ".join,
)
def test_what_numpy_decodes_in_a_moment_does_not_wait_for_tensorflow(trained, store, arguments):
    folder = store.root.parent
    Image.fromarray(np.full((10, 12), 128, np.uint8)).save(folder / "own.png")
    (folder / "latents.csv").write_text("0,0\n1,-1\n")
    code, loaded = modules_after(*arguments, artifacts=store.root)
    assert code == 0
    assert not loaded & {"tensorflow", "keras", "imageio", "requests", "rich"}
