"""What every Signature Version 4 needs: the derived key, the scope and the dates, each made once.

AWS General Reference, "Create a signed AWS API request"; S3 API Reference, "Authenticating
Requests (AWS Signature Version 4)".
"""

import hmac
import time
from functools import lru_cache

from gridboss_assets.models import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"

# The longest life of a query signature, in seconds: the derived key is valid for seven days (S3
# API Reference, "Authenticating Requests: Using Query Parameters", X-Amz-Expires).
MAX_EXPIRES_IN = 604_800


class Signer:
    """Signs for one set of credentials and one region, at one second.

    ``amz_date`` is that second in basic ISO 8601, ``scope`` the credential scope, ``credential``
    the access key with the scope. Nothing of the secret is kept but the derived key, which is good
    for one day, one region and S3 alone.
    """

    __slots__ = ("_keyed", "amz_date", "credential", "scope", "session_token")

    def __init__(self, credentials: Credentials, region: str, second: int) -> None:
        self.amz_date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))
        day = self.amz_date[:8]
        self.scope = f"{day}/{region}/s3/aws4_request"
        self.credential = f"{credentials.access_key}/{self.scope}"
        self.session_token = credentials.session_token
        self._keyed = _keyed_hmac(credentials, region, day)

    def sign(self, message: bytes) -> str:
        """Return the signature of a string to sign, in hexadecimal."""
        # A copy of a keyed HMAC skips the two key blocks that a new one would hash first.
        mac = self._keyed.copy()
        mac.update(message)
        return mac.hexdigest()


# A URL that stays the same for a while is signed as of a second of its key's own, of the last half
# hour by default, so there are many at work at once.
@lru_cache(maxsize=2048)
def signer_at(credentials: Credentials, region: str, second: int) -> Signer:
    """Return the signer of a POSIX time in whole seconds; within one second it is made once."""
    return Signer(credentials, region, second)


@lru_cache(maxsize=32)
def expiration(second: int) -> str:
    """Write a POSIX time as a POST policy's ``expiration``: extended ISO 8601, UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))


def check_expires_in(expires_in: int) -> None:
    """Raise ``ValueError`` unless a signature may live for so many seconds."""
    if not 1 <= expires_in <= MAX_EXPIRES_IN:
        raise ValueError(f"expires_in must be 1 to {MAX_EXPIRES_IN} seconds, not {expires_in}")


@lru_cache(maxsize=32)
def _keyed_hmac(credentials: Credentials, region: str, day: str) -> hmac.HMAC:
    key = b"AWS4" + credentials.secret_key.encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, digestmod="sha256")
