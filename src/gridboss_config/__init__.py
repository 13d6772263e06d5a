"""The settings of GridBoss Assets, read from the environment and ``.env``.

``get_settings()`` returns the cached instance; ``get_settings.cache_clear()`` makes the next call
read the environment again. See :class:`Settings` for every key.
"""

from gridboss_config.settings import Settings, describe, get_settings

__all__ = ["Settings", "describe", "get_settings"]
