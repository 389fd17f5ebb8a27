"""A word, a folder or a file → images: the only room that reads foreign files.

It is also the only one that opens the network or runs a package manager. What needs
NumPy is imported when it is first asked for: listing the sets needs none of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from vaecli.data.named.catalogue import CATALOGUE, NamedSet, canonical_name
from vaecli.data.named.places import Place, locate
from vaecli.data.progress import Progress

if TYPE_CHECKING:
    from vaecli.data.dataset import Dataset, Split
    from vaecli.data.images import read_images
    from vaecli.data.libraries.elsewhere import fetch_elsewhere, parse_elsewhere
    from vaecli.data.loading import load_dataset
    from vaecli.data.named.finding import Found, find, find_resources
    from vaecli.data.names import natural
    from vaecli.data.pca import Components, most_components, pca_error, principal_components
    from vaecli.data.summary import describe, facts_of

__all__ = [
    "CATALOGUE",
    "Components",
    "Dataset",
    "Found",
    "NamedSet",
    "Place",
    "Progress",
    "Split",
    "canonical_name",
    "describe",
    "facts_of",
    "fetch_elsewhere",
    "find",
    "find_resources",
    "load_dataset",
    "locate",
    "most_components",
    "natural",
    "parse_elsewhere",
    "pca_error",
    "principal_components",
    "read_images",
]

_HOMES = {
    "Dataset": "dataset",
    "Split": "dataset",
    "Found": "named.finding",
    "find": "named.finding",
    "find_resources": "named.finding",
    "fetch_elsewhere": "libraries.elsewhere",
    "parse_elsewhere": "libraries.elsewhere",
    "natural": "names",
    "read_images": "images",
    "load_dataset": "loading",
    "Components": "pca",
    "most_components": "pca",
    "pca_error": "pca",
    "principal_components": "pca",
    "describe": "summary",
    "facts_of": "summary",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
