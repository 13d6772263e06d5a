"""Clients of AWS, and moto, made quick: what never changes during a run is worked out once."""

import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from botocore.hooks import EventAliaser
from botocore.loaders import JSONFileLoader, Loader

_read: Any = JSONFileLoader.load_file
_listed: Any = Loader.list_available_services
_Aliaser: Any = EventAliaser
_aliased = _Aliaser._alias_event_name  # noqa: SLF001


@cache
def _loaded(path: str) -> Any:
    return _read(JSONFileLoader(), path)


def _load_file(_: JSONFileLoader, path: str) -> Any:
    return _loaded(path)


@cache
def _services(type_name: str) -> Any:
    return _listed(Loader(), type_name)


def _list_available_services(_: Loader, type_name: str) -> Any:
    return list(_services(type_name))


@cache
def _alias(event_name: str) -> Any:
    return _aliased(_Aliaser(None), event_name)


def _alias_event_name(_: EventAliaser, event_name: str) -> Any:
    return _alias(event_name)


@pytest.fixture(scope="session", autouse=True)
def _work_out_once() -> Iterator[None]:
    """Have all sessions of a run share descriptions, services and names: two thirds of a client.

    The files belong to the package, and nothing may change what was read from them.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", _load_file)
        patch.setattr(Loader, "list_available_services", _list_available_services)
        patch.setattr(EventAliaser, "_alias_event_name", _alias_event_name)
        if "moto" in sys.modules:  # whoever needs it has imported it by now
            _read_urls_once(patch)
        yield


def _read_urls_once(patch: pytest.MonkeyPatch) -> None:
    """Moto reads the addresses of S3 anew for each request, lest ours be changed; they are not."""
    from moto.s3 import urls  # noqa: PLC0415 - slow to import
    from moto.s3.models import S3Backend  # noqa: PLC0415

    patch.setattr(S3Backend, "_url_module", urls)
