"""Sign-in: bearer tokens, and the development mode without any."""

from gridboss_assets.web.auth.authenticators import Authenticate, authenticator_for

__all__ = ["Authenticate", "authenticator_for"]
