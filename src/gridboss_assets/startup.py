"""Reading the settings at the start of a command, with one message for what is unusable."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from gridboss_assets.errors import Misconfigured
from gridboss_config import Settings, describe, get_settings


def read_settings() -> Settings:
    """Read the settings; raises ``Misconfigured``, whose detail names each one that is unusable."""
    with described():
        return get_settings()


@contextmanager
def described(add: Callable[[ValidationError], str] = lambda _error: "") -> Iterator[None]:
    """Raise ``Misconfigured`` for settings that are read inside the block and are unusable.

    ``add`` makes a further line of the message.
    """
    try:
        yield
    except ValidationError as error:
        lines = [describe(error), add(error)]
        raise Misconfigured(detail="\n".join(filter(None, lines))) from None
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(detail=f".env can't be read as UTF-8 text: {error}") from None
