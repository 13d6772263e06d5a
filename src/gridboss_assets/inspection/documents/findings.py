"""Findings that are a matter of policy: refused, warned about, or accepted."""

from gridboss_assets.errors import Rejection, UnsafeDocument
from gridboss_assets.inspection.policy import InspectionPolicy


class Findings:
    """Collects what was found in one document, as its policy says."""

    def __init__(self, policy: InspectionPolicy) -> None:
        self.policy = policy
        self._warnings: set[str] = set()

    @property
    def warnings(self) -> tuple[str, ...]:
        """The codes of what was found and accepted, in alphabetical order."""
        return tuple(sorted(self._warnings))

    def add(self, name: str, message: str, error: type[Rejection] = UnsafeDocument) -> None:
        """Note a finding by the name of its policy field; raises ``error`` where it is refused."""
        choice = getattr(self.policy, name)
        if choice == "refuse":
            raise error(message)
        if choice == "warn":
            self._warnings.add(name)

    def wants(self, name: str) -> bool:
        """Tell whether there is any need to look for a finding."""
        return getattr(self.policy, name) != "accept" and name not in self._warnings
