"""Where an application's own reports come from: the modules that it names."""

import importlib
from collections.abc import Iterable

from gridboss_assets.errors import Misconfigured
from gridboss_assets.reports.registry import Reports, default_reports


def load_reports(modules: Iterable[str] = ()) -> Reports:
    """Import the modules that register reports (``REPORT_MODULES``), and return the table.

    Raises ``Misconfigured``, whose detail names the first module that can't be imported and the
    reason. A module that was imported before registers nothing twice.
    """
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception as error:  # a module may raise whatever it likes
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            remedy = (
                " Install it where this process runs, or put its folder on PYTHONPATH."
                if isinstance(error, ModuleNotFoundError)
                else ""
            )
            raise Misconfigured(
                detail=f"REPORT_MODULES: {name} can't be imported: {reason}.{remedy}"
            ) from error
    return default_reports()
