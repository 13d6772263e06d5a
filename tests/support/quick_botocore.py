"""Clients of AWS that are made quickly: botocore reads its descriptions of services once a run."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader

_read: Any = JSONFileLoader.load_file


@cache
def _loaded(path: str) -> Any:
    return _read(JSONFileLoader(), path)


def _load_file(_: JSONFileLoader, path: str) -> Any:
    return _loaded(path)


@pytest.fixture(scope="session", autouse=True)
def _read_descriptions_once() -> Iterator[None]:
    """Have every session of a run share what was read: it is half the time that a client takes.

    The files belong to the package, and nothing may change what was read from them.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", _load_file)
        yield
