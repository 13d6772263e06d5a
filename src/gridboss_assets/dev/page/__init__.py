"""The page of ``gridboss-assets dev``: upload an avatar or an export and see the result.

``static`` is built from ``client/page`` by ``npm run page`` and stands beside this file, so that
serving it takes no Node.
"""

from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from starlette.responses import Response

from gridboss_assets.signing import locate_bucket
from gridboss_config import Settings

_TYPES = {
    "css": "text/css",
    "html": "text/html",
    "js": "text/javascript",
    "md": "text/plain",  # shown by browsers, where text/markdown is downloaded
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    media_type: str
    headers: dict[str, str]


def mount_page(app: FastAPI, settings: Settings) -> None:
    """Serve the page at ``/`` and its files under ``/page/``, without any inline script."""
    static = _read(files(__package__) / "static", _policy(_bucket_origin(settings)))

    def serve(name: str, request: Request) -> Response:
        file = static.get(name)
        if file is None:
            return Response(status_code=404)
        known = request.headers.get("if-none-match") == file.headers["ETag"]
        return Response(
            None if known else file.content,
            status_code=304 if known else 200,
            media_type=file.media_type,
            headers=file.headers,
        )

    @app.get("/page/config.json", include_in_schema=False)
    def config(request: Request) -> dict[str, object]:
        service = request.app.state.services.current()
        return {
            "bucket": service.settings.s3_bucket,
            "signIn": bool(service.settings.jwt_secret or service.settings.jwt_jwks_url),
        }

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    def index(request: Request) -> Response:
        return serve("index.html", request)

    @app.api_route("/page/{name:path}", methods=["GET", "HEAD"], include_in_schema=False)
    def file(name: str, request: Request) -> Response:
        return serve(name, request)


def _read(static: Traversable, policy: str) -> dict[str, _File]:
    """Read every file once, by its path: whatever else is asked for does not exist."""
    found = {entry.name: entry for entry in static.iterdir() if entry.is_file()}
    found |= {f"assets/{entry.name}": entry for entry in (static / "assets").iterdir()}
    return {name: _file(name, entry.read_bytes(), policy) for name, entry in found.items()}


def _file(name: str, content: bytes, policy: str) -> _File:
    # The name of an asset holds a hash of its content: it never changes.
    lasting = name.startswith("assets/")
    return _File(
        content,
        _TYPES[name.rpartition(".")[2]],
        {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "public, max-age=31536000, immutable" if lasting else "no-cache",
            "ETag": f'"{sha256(content).hexdigest()[:32]}"',
        },
    )


def _bucket_origin(settings: Settings) -> str:
    location = locate_bucket(
        settings.s3_bucket,
        settings.s3_region,
        endpoint=settings.s3_public_endpoint or settings.s3_endpoint,
        addressing_style=settings.s3_addressing_style,
    )
    parts = urlsplit(location.base_url)
    return f"{parts.scheme}://{parts.netloc}"


def _policy(bucket: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' blob: data: {bucket}",  # data: for the icons in Uppy's style sheets
            f"connect-src 'self' {bucket}",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
