"""Where probes work: a prefix of their own, whose every key is remembered and removed."""

import secrets
import time
from collections.abc import Mapping
from re import findall

from urllib3.filepost import encode_multipart_formdata

from gridboss_assets.doctor.http import Answer, Unreachable
from gridboss_assets.doctor.target import Target
from gridboss_assets.keys import PENDING_PREFIX
from gridboss_assets.signing import (
    BucketLocation,
    PresignedPost,
    presign_post,
    presign_url,
)
from gridboss_assets.storage.providers import SIGNS

_LIFE_SECONDS = 600
# A busy server gets a second chance.
_REMOVALS = 2
_NOTHING: Mapping[str, str] = {}

CONTENT_TYPE = "text/csv"
FILENAME = {"x-amz-meta-filename": "doctor.csv"}
DATA = b"driver,points\n7,25\n"
"""What is uploaded, as what, and under which name."""


class Bench:
    """One run at one place.

    Keys stand under ``pending/``: no CDN shows them, no link is given out for them, and the
    bucket's lifecycle rule expires them if this process is killed.
    """

    def __init__(self, target: Target, place: BucketLocation) -> None:
        self.target = target
        self.place = place
        self.prefix = f"{PENDING_PREFIX}doctor-{secrets.token_hex(8)}/"
        self.keys: list[str] = []
        self.versioned = False
        """Whether the bucket keeps old versions, which a deletion leaves behind."""
        self.signs: dict[str, str] = {}
        """The headers of its answers by which a provider is recognised."""
        self._sample: str | None = None

    def key(self, name: str) -> str:
        """Make a key. It is remembered before anything is written, so that it will be removed."""
        key = f"{self.prefix}{len(self.keys):02}-{name}"
        self.keys.append(key)
        return key

    # --- requests -------------------------------------------------------------------------------

    def url(  # noqa: PLR0913 - a signature has this many sides
        self,
        method: str,
        key: str,
        *,
        headers: Mapping[str, str] = _NOTHING,
        query: Mapping[str, str] = _NOTHING,
        age: float = 0,
        expires_in: int = _LIFE_SECONDS,
        place: BucketLocation | None = None,
    ) -> str:
        """Sign a URL as it was ``age`` seconds ago."""
        return presign_url(
            method,  # type: ignore[arg-type] # checked by whoever writes it down
            place or self.place,
            self.target.credentials,
            key=key,
            query=query,
            headers=headers,
            expires_in=expires_in,
            now=time.time() - age,
        )

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = _NOTHING,
        body: bytes | None = None,
    ) -> Answer:
        """Send a request to a URL, signed or not."""
        answer = self.target.http.send(method, url, headers=headers, body=body)
        self.signs |= {name: answer.headers[name] for name in SIGNS if name in answer.headers}
        if answer.headers.get("x-amz-version-id", "null") != "null":
            self.versioned = True
        return answer

    def plain_url(self, key: str) -> str:
        """Return the address of an object without a signature; the empty key is the bucket."""
        return f"{self.place.base_url}{self.place.path}/{key}"

    def sample(self) -> str:
        """Return the key of an object that holds DATA, written when it is first needed."""
        if self._sample is None:
            key = self.key("sample")
            answer = self.put(key)
            if not answer.ok:
                raise Unclear(f"no object could be written: {answer}")
            self._sample = key
        return self._sample

    def get(self, key: str, **query: str) -> Answer:
        """Read an object by a signed link; parameters are those of S3, with underscores."""
        named = {name.replace("_", "-"): value for name, value in query.items()}
        return self.send("GET", self.url("GET", key, query=named))

    def read(self, key: str) -> Answer:
        """See what stands at a key: 200 or 404. Raises ``Unclear`` for any other answer."""
        answer = self.get(key)
        if answer.status not in {200, 404}:
            raise Unclear(f"what it led to could not be read: {answer}")
        return answer

    def put(
        self,
        key: str,
        body: bytes = DATA,
        *,
        headers: Mapping[str, str] = _NOTHING,
        unsigned: Mapping[str, str] = _NOTHING,
    ) -> Answer:
        """Send a signed PUT as ``sign`` gives it out, with further headers, signed or not."""
        sent = {"content-type": CONTENT_TYPE, **FILENAME, **headers}
        url = self.url("PUT", key, headers={**sent, "content-length": str(len(body))})
        return self.send("PUT", url, headers={**sent, **unsigned}, body=body)

    def form(self, key: str, **how: int) -> PresignedPost:
        """Sign a form as ``sign`` gives it out: made ``age`` seconds ago, for at most ``most``."""
        return presign_post(
            self.place,
            self.target.credentials,
            key=key,
            fields={"Content-Type": CONTENT_TYPE, **FILENAME},
            size_range=(1, how.get("most", len(DATA))),
            expires_in=how.get("expires_in", _LIFE_SECONDS),
            now=time.time() - how.get("age", 0),
        )

    def post(
        self, form: PresignedPost, data: bytes = DATA, changes: Mapping[str, str] = _NOTHING
    ) -> Answer:
        """Send a form as a browser does, the file last, with some fields changed or added."""
        fields: list[tuple[str, object]] = [*{**form.fields, **changes}.items()]
        fields.append(("file", ("blob", data, "application/octet-stream")))
        body, content_type = encode_multipart_formdata(fields)  # type: ignore[arg-type]
        return self.send("POST", form.url, headers={"Content-Type": content_type}, body=body)

    # --- the end --------------------------------------------------------------------------------

    def remove(self) -> list[str]:
        """Remove whatever was written, and return the keys that are left."""
        left = self.keys
        for _ in range(_REMOVALS):
            left = self._still_there([key for key in left if not self._deleted(key)])
            if not left:
                break
        return left

    def _still_there(self, doubtful: list[str]) -> list[str]:
        """List what stands under the prefix; where that can't be had, it is what is doubtful."""
        try:
            listed = self.target.list_keys(self.prefix, limit=1000)
        except Unreachable:
            return doubtful
        if not listed.ok:
            return doubtful
        # Our keys have no character that XML or URLs would write differently.
        return [key.decode() for key in findall(rb"<Key>([^<]+)</Key>", listed.body)]

    def _deleted(self, key: str) -> bool:
        try:
            answer = self.send("DELETE", self.url("DELETE", key))
        except Unreachable:
            return False
        return answer.ok or answer.status == 404  # noqa: PLR2004


class Unclear(Exception):
    """A probe could not be judged; the message says why, in a clause."""
