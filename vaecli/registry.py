"""What comes one to a file, by name: architectures, likelihoods and named sets.

A module that is put into the folder of a registry is an entry of it: it appears in help and
completion, and is imported when it is asked for. So adding an entry touches one file, and what
reads a registry, such as `config`, needs to import nothing of the folder's room.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

Entry = TypeVar("Entry")


class Registry(Mapping[str, Entry]):
    """Name → entry, for each module of a package; a module is imported when its entry is asked for.

    An entry is called as its module, with hyphens for underscores. Modules whose names begin with an
    underscore hold what entries share.

    Args:
        package: The dotted name of the package.
        constant: The name under which each of its modules holds its entry.
    """

    def __init__(self, package: str, constant: str) -> None:
        self._package, self._constant = package, constant

    @cached_property
    def _names(self) -> tuple[str, ...]:
        found = pkgutil.iter_modules(import_module(self._package).__path__)
        names = (module.name.replace("_", "-") for module in found if not module.name.startswith("_"))
        return tuple(sorted(names))

    def look_in(self, folder: Path) -> None:
        """Take the modules of another folder for entries, too.

        For programs that bring entries of their own: what such an entry trained can be read where the same
        folder was named before.
        """
        places = import_module(self._package).__path__
        if str(folder) not in places:
            places.append(str(folder))
            self.__dict__.pop("_names", None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, name: str) -> Entry:
        if name not in self._names:
            raise KeyError(name)
        entry: Entry = getattr(import_module(f"{self._package}.{name.replace('-', '_')}"), self._constant)
        return entry


@dataclass(frozen=True)
class ArchitectureEntry:
    """An architecture: how it is drawn, and what it trains with when nothing is said.

    Attributes:
        summary: A few words for the help, such as `fully connected`.
        draw: `(height, width, channels)` and latent_dim → encoder and decoder, each a `blueprint.Half`.
        learning_rate: Adam's.
        schedule: `constant` or `cosine`.
        kl_warmup: The fraction of all epochs over which the weight of the KL term rises to β.
        ema: The decay of the moving average of the weights; 0 for none.
        clip: Gradients longer than so many times their usual length are shortened; 0 leaves them.
        weight_decay: The largest of AdamW for a small set; 0 for none.
        is_offered: Whether help lists it; one that is not stays for the runs that were trained with it.
    """

    summary: str
    draw: Callable[[tuple[int, int, int], int], Any]
    learning_rate: float
    schedule: str
    kl_warmup: float = 0.0
    ema: float = 0.0
    clip: float = 0.0
    weight_decay: float = 0.0
    is_offered: bool = True


@dataclass(frozen=True)
class LikelihoodEntry:
    """A likelihood: how it is made, and where it is the default.

    Attributes:
        summary: A few words for the help, such as `black or white`.
        make: The fixed standard deviation, or None, → a `blueprint.Likelihood`.
        default_for: The channels of the images whose default it is.
    """

    summary: str
    make: Callable[[float | None], Any]
    default_for: tuple[int, ...] = ()


ARCHITECTURES: Registry[ArchitectureEntry] = Registry("vaecli.blueprint.architectures", "ARCHITECTURE")
LIKELIHOODS: Registry[LikelihoodEntry] = Registry("vaecli.blueprint.likelihoods", "LIKELIHOOD")
NAMED_SETS: Registry[Any] = Registry("vaecli.data.named.sets", "SET")  # of `data.NamedSet`
