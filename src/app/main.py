"""``app.main:app``: the service of the settings in the environment.

Run it with ``gridboss-assets serve``, which checks the settings first and sets up the log.
"""

from gridboss_assets.web import create_app

app = create_app()
