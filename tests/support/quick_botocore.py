"""Clients of AWS that are made quickly, where a test makes many."""

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


def read_descriptions_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have botocore read the services' descriptions once, not for every session: most of the time.

    Nothing may change them meanwhile.
    """
    monkeypatch.setattr(JSONFileLoader, "load_file", _load_file)
