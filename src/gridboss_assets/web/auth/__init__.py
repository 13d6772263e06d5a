"""Sign-in: bearer tokens, and the development mode without any."""

from gridboss_assets.web.auth.authenticators import NO_SIGN_IN, Authenticate, authenticator_for

__all__ = ["NO_SIGN_IN", "Authenticate", "authenticator_for"]
