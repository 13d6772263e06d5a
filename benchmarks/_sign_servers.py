"""What ``sign-http`` puts beside the service: the least and the usual way to sign over HTTP.

Run by uvicorn in processes of their own, as ``benchmarks._sign_servers:bare`` and ``:plain``.
"""

import secrets
import time
from typing import Any

import botocore.session
from botocore.config import Config
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gridboss_assets.models import Credentials
from gridboss_assets.signing import locate_bucket, presign_post

BUCKET, REGION, TTL = "gridboss-prod-assets", "eu-west-1", 3600
ACCESS_KEY, SECRET_KEY = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
MAX_SIZE = 2 * 1024 * 1024

_CREDENTIALS = Credentials(ACCESS_KEY, SECRET_KEY)
_LOCATION = locate_bucket(BUCKET, REGION)
_S3: Any = botocore.session.Session().create_client(
    "s3",
    region_name=REGION,
    aws_access_key_id=ACCESS_KEY,
    aws_secret_access_key=SECRET_KEY,
    config=Config(signature_version="s3v4", s3={"us_east_1_regional_endpoint": "regional"}),
)


def _answer(key: str, content_type: str, url: str, fields: dict[str, str]) -> dict[str, Any]:
    """Put the same answer together that the service gives."""
    return {
        "method": "POST",
        "url": url,
        "fields": fields,
        "headers": {},
        "objectKey": key,
        "bucket": BUCKET,
        "maxSize": MAX_SIZE,
        "contentType": content_type,
        "expiresIn": TTL,
    }


def _new_key() -> str:
    return f"avatars/driver-7/{secrets.token_hex(16)}.png"


async def _sign(request: Request) -> JSONResponse:
    wanted = await request.json()
    key = _new_key()
    post = presign_post(
        _LOCATION,
        _CREDENTIALS,
        key=f"pending/{key}",
        fields={
            "Content-Type": wanted["content_type"],
            "x-amz-meta-filename": wanted["filename"],
        },
        size_range=(1, MAX_SIZE),
        expires_in=TTL,
        now=time.time(),
    )
    return JSONResponse(_answer(key, wanted["content_type"], post.url, post.fields))


bare = Starlette(routes=[Route("/uploads/sign", _sign, methods=["POST"])])

plain = FastAPI()


class SignRequest(BaseModel):
    """What a browser wants to upload."""

    kind: str
    filename: str
    content_type: str


class SignAnswer(BaseModel):
    """A signed upload."""

    method: str
    url: str
    fields: dict[str, str]
    headers: dict[str, str]
    objectKey: str  # noqa: N815 - as it stands in JSON
    bucket: str
    maxSize: int  # noqa: N815
    contentType: str  # noqa: N815
    expiresIn: int  # noqa: N815


@plain.post("/uploads/sign")
async def sign(wanted: SignRequest) -> SignAnswer:
    """Sign with boto3's method, on the event loop: a thread for each call would be slower."""
    key = _new_key()
    fields = {"Content-Type": wanted.content_type, "x-amz-meta-filename": wanted.filename}
    post = _S3.generate_presigned_post(
        BUCKET,
        f"pending/{key}",
        Fields=fields,
        Conditions=[
            *({name: value} for name, value in fields.items()),
            ["content-length-range", 1, MAX_SIZE],
        ],
        ExpiresIn=TTL,
    )
    return SignAnswer(**_answer(key, wanted.content_type, post["url"], post["fields"]))
