"""The page of ``gridboss-assets dev``: upload an avatar or an export and see the result."""

from importlib.resources import files
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from starlette.responses import Response

from gridboss_assets.signing import locate_bucket
from gridboss_config import Settings

_FILES = {
    "index.html": "text/html; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "metadata.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


def mount_page(app: FastAPI, settings: Settings) -> None:
    """Serve the page at ``/`` and its files under ``/page/``, without any inline script."""
    headers = {
        "Content-Security-Policy": _policy(_bucket_origin(settings)),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }

    def file(name: str) -> Response:
        content = files(__package__).joinpath(name).read_bytes()
        return Response(content, media_type=_FILES[name], headers=headers)

    @app.get("/", include_in_schema=False)
    def index() -> Response:
        return file("index.html")

    @app.get("/page/config.json", include_in_schema=False)
    def config(request: Request) -> dict[str, object]:
        service = request.app.state.services.current()
        return {
            "bucket": service.settings.s3_bucket,
            "signIn": bool(service.settings.jwt_secret or service.settings.jwt_jwks_url),
        }

    for name in _FILES:
        app.add_api_route(f"/page/{name}", lambda name=name: file(name), include_in_schema=False)


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
            f"img-src 'self' blob: {bucket}",
            f"connect-src 'self' {bucket}",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
