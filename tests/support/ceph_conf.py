"""The configuration of a Ceph cluster for tests: one monitor, one OSD in memory, one radosgw.

Sources: Ceph's documentation, "Manual Deployment", "Storage Cluster Configuration" and "HTTP
Frontends". What is not said there was measured with 16.2.
"""

import uuid
from dataclasses import dataclass, field
from pathlib import Path

PORTS = 3
"""How many ports a cluster takes beside those that its OSD finds for itself."""

PROGRAMS = ("ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw")

_CAPABILITIES = {
    "mon.": {"mon": "allow *"},
    "client.admin": {"mon": "allow *", "osd": "allow *", "mgr": "allow *"},
    "osd.0": {"mon": "allow profile osd", "osd": "allow *"},
}


@dataclass(frozen=True)
class Layout:
    """Where one cluster has its files and its ports, the first of which is ``base``."""

    directory: Path
    base: int
    fsid: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def conf(self) -> Path:
        """The file that every program of Ceph reads."""
        return self.directory / "ceph.conf"

    @property
    def endpoint(self) -> str:
        """The S3 API over plain http."""
        return f"http://127.0.0.1:{self.base}"

    @property
    def tls_endpoint(self) -> str:
        """The same over TLS."""
        return f"https://127.0.0.1:{self.base + 1}"

    @property
    def monitor(self) -> str:
        """The monitor's address."""
        return f"v2:127.0.0.1:{self.base + 2}"

    def write(self) -> None:
        """Write the configuration and make the folders that it names."""
        for name in ("mon", "osd", "rgw"):
            (self.directory / name).mkdir()
        at = self.directory
        text = f"""\
[global]
fsid = {self.fsid}
mon host = {self.monitor}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false

keyring = {at}/keyring
mon data = {at}/mon
osd data = {at}/osd
rgw data = {at}/rgw
run dir = {at}
crash dir = {at}/crash
log file = {at}/$name.log
mon cluster log file = {at}/cluster.log
log to stderr = false
# A socket's path has at most 107 bytes (unix(7)), and nobody asks there.
admin socket =

# One copy, in memory.
osd objectstore = memstore
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 1000
rgw override bucket index max shards = 1

# A full disk is not the tests' business: the monitor would stop itself at 5 % left.
mon data avail crit = 0
mon data avail warn = 0
# Changes of the cluster wait a second for others by default. There are none.
paxos propose interval = 0.05
paxos min wait = 0.01

# With Nagle's algorithm every answer with a body takes 40 ms.
rgw frontends = beast tcp_nodelay=1 endpoint=127.0.0.1:{self.base} \
ssl_endpoint=127.0.0.1:{self.base + 1} ssl_certificate={at}/tls/certificate.pem \
ssl_private_key={at}/tls/key.pem
"""
        self.conf.write_text(text)

    def first_steps(self) -> list[list[str]]:
        """Return the commands that make the cluster's keys, its map, and both its stores."""
        keyring, monmap = str(self.directory / "keyring"), str(self.directory / "monmap")
        keys = [
            ["ceph-authtool", keyring, "--gen-key", "-n", name]
            + [word for daemon, may in caps.items() for word in ("--cap", daemon, may)]
            for name, caps in _CAPABILITIES.items()
        ]
        keys[0].append("--create-keyring")
        address = f"[{self.monitor}]"
        return [
            *keys,
            ["monmaptool", "--create", "--addv", "a", address, "--fsid", self.fsid, monmap],
            ["ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", keyring],
        ]
