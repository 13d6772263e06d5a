"""nginx's configuration for a desired distribution: each behaviour becomes a location.

It names no kind and no prefix, so another desired state is another edge. What CloudFront does for
every distribution stands here; what ours asks of it is read from the desired state.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gridboss_assets.cdn.desired import EXPOSED_HEADERS, METHODS, Behaviour, DesiredDistribution

# For how long CloudFront keeps an error that says nothing of caching (Developer Guide, "Control how
# long CloudFront caches errors").
ERROR_SECONDS = 10

# What of ours CloudFront compresses by itself (Developer Guide, "Serve compressed files").
_COMPRESSED = "application/json text/csv"

_ADMISSION = "/-admission"  # nobody else can ask it: it is internal


@dataclass(frozen=True)
class Places:
    """Where the edge keeps its files, and whom it asks."""

    directory: Path
    port: int
    origin: str
    """URL of what fetches from the bucket."""
    admission: str
    """URL of what checks signatures."""

    @property
    def cache(self) -> Path:
        """The directory with one file for each cached answer."""
        return self.directory / "cache"


def configuration(desired: DesiredDistribution, places: Places) -> str:
    """Write the configuration."""
    maps = "".join(line for b in desired.behaviours for line in _maps(b))
    locations = "".join(_location(b, desired.headers, places) for b in desired.behaviours)
    longest = max((b.max_ttl for b in desired.behaviours), default=ERROR_SECONDS)
    temporary = "".join(
        f'  {name}_temp_path "{places.directory}/temporary";\n'
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""
{_user()}
daemon off;
worker_processes 1;
pid "{places.directory}/nginx.pid";
error_log "{places.directory}/error.log";
events {{ worker_connections 256; }}
http {{
  access_log off;
{temporary}
  proxy_cache_path "{places.cache}" keys_zone=edge:1m inactive={longest + 60}s use_temp_path=off;
  # The path as it came: that is what CloudFront sends on, whatever it took it for.
  map $request_uri $raw_path {{ "~^(?<as_it_came>[^?]*)" $as_it_came; }}
{maps}
  server {{
    listen 127.0.0.1:{places.port};
    # A location is found by the path as RFC 3986 normalises it: `%70` is `p`, and `..` goes up.
    # Two slashes stay two. (`%2f` is a slash here and none to CloudFront: the edge is stricter.)
    merge_slashes off;
    location / {{ return 403; }}
    location = {_ADMISSION} {{
      internal;
      proxy_pass {places.admission};
      proxy_pass_request_headers off;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header Cookie $http_cookie;
      proxy_set_header X-Address $remote_addr;
      proxy_set_header X-URL $scheme://$http_host$request_uri;
    }}
{locations}
  }}
}}
"""


def _user() -> str:
    # Started by root, nginx works as somebody who can't read a test's directory.
    return "user root;" if os.geteuid() == 0 else ""


def _maps(behaviour: Behaviour) -> Iterator[str]:
    """Make variables of a behaviour: the query that it forwards, and what CORS says."""
    label = _variable(behaviour)
    found = []
    for number, name in enumerate(behaviour.query_strings):
        variable = f"{label}_{number}"
        found.append(f"${variable}")
        yield (
            f"  map $args ${variable} "
            f'{{ "~(?:^|&)(?<in_{variable}>{re.escape(name)}=[^&]*)" $in_{variable}; }}\n'
        )
    query = "&".join(found)
    yield f'  map "{query}" ${label}_query {{ "" ""; "~^&+$" ""; default "?{query}"; }}\n'
    origins = "".join(
        '"~." "*"; ' if origin == "*" else f'"{origin}" "{origin}"; '
        for origin in behaviour.cors_origins
    )
    yield f"  map $http_origin ${label}_origin {{ {origins}}}\n"
    exposed = ", ".join(EXPOSED_HEADERS)
    yield f'  map ${label}_origin ${label}_exposed {{ "~." "{exposed}"; }}\n'
    credentials = '"~." "true"; ' if behaviour.cors_credentials else ""
    yield f"  map ${label}_origin ${label}_credentials {{ {credentials}}}\n"


def _location(behaviour: Behaviour, headers: Mapping[str, str], places: Places) -> str:
    label = _variable(behaviour)
    admission = f"auth_request {_ADMISSION};" if behaviour.signed else ""
    compression = (
        f"gzip on; gzip_proxied any; gzip_types {_COMPRESSED}; gzip_min_length 1000;"
        if behaviour.compress
        else ""
    )
    return f"""
    # Without this nginx would redirect to the prefix, slash and all.
    location = "{_prefix(behaviour).rstrip("/")}" {{ return 403; }}
    location ^~ "{_prefix(behaviour)}" {{
      limit_except {" ".join(METHODS)} {{ deny all; }}
      {admission}
      proxy_pass {places.origin}$raw_path${label}_query;
      proxy_http_version 1.1;
      proxy_pass_request_headers off;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header Connection "";
      proxy_cache edge;
      proxy_cache_key $raw_path${label}_query;
      proxy_cache_lock on;
      proxy_cache_revalidate on;
      proxy_ignore_headers Cache-Control Expires Set-Cookie Vary X-Accel-Expires X-Accel-Redirect;
      proxy_cache_valid 200 206 {_ttl(behaviour)}s;
      proxy_cache_valid any {ERROR_SECONDS}s;
      {compression}
      add_header X-Cache $upstream_cache_status always;
      add_header Access-Control-Allow-Origin ${label}_origin always;
      add_header Access-Control-Allow-Credentials ${label}_credentials always;
      add_header Access-Control-Expose-Headers ${label}_exposed always;
{_over(headers)}
    }}
"""


def _over(headers: Mapping[str, str]) -> str:
    """Write headers of the edge's own over those of the bucket."""
    return "".join(
        f'      proxy_hide_header {name};\n      add_header {name} "{value}" always;\n'
        for name, value in headers.items()
    )


def _variable(behaviour: Behaviour) -> str:
    return re.sub(r"\W", "_", behaviour.label)


def _prefix(behaviour: Behaviour) -> str:
    prefix, star, rest = behaviour.path_pattern.partition("*")
    assert star, "this edge knows patterns that end in a wildcard"
    assert not rest, "this edge knows patterns with one wildcard, at the end"
    return f"/{prefix}"


def _ttl(behaviour: Behaviour) -> int:
    # With MinTTL = MaxTTL what the object's Cache-Control says has no say (CloudFront Developer
    # Guide, "Manage how long content stays in the cache"). Nothing in between can be said to nginx.
    assert behaviour.min_ttl == behaviour.default_ttl == behaviour.max_ttl
    return behaviour.min_ttl
