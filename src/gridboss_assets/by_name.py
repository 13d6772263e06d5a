"""A table of named things, which says what there is when somebody asks for what there is not."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Protocol, TypeVar

from gridboss_assets.errors import AssetsError


class Named(Protocol):
    """Something with a name."""

    @property
    def name(self) -> str:
        """What it is looked up by."""


T_co = TypeVar("T_co", bound=Named, covariant=True)


class ByName(Mapping[str, T_co]):
    """A mapping by name, in the order in which it was filled."""

    unknown: ClassVar[type[AssetsError]]
    """The error for a name that is not there."""
    noun: ClassVar[str]
    """What its message calls an entry."""

    def __init__(self, *entries: T_co) -> None:
        self._by_name = {each.name: each for each in entries}

    def __getitem__(self, name: str) -> T_co:
        """Return the entry called ``name`` or raise :attr:`unknown`, which names all."""
        try:
            return self._by_name[name]
        except KeyError:
            raise self.unknown(
                f"There is no such {self.noun}. Use one of: {', '.join(self._by_name)}."
            ) from None

    def __contains__(self, name: object) -> bool:
        """Tell whether there is an entry of this name (the inherited test expects a KeyError)."""
        return name in self._by_name

    def __iter__(self) -> Iterator[str]:
        """Go through the names in their order."""
        return iter(self._by_name)

    def __len__(self) -> int:
        """Count the entries."""
        return len(self._by_name)
