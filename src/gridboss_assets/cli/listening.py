"""The address that a command listens on."""

import socket

from gridboss_assets.errors import ConfigurationError


def listen(host: str, port: int) -> socket.socket:
    """Listen on a TCP port and return the socket; 0 picks a free one.

    Raises ConfigurationError for a host that can't be found and a port that can't be had.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError):
        raise ConfigurationError(
            f"There is no host {host!r} to listen on. Give an address of this machine with "
            "--host, such as 127.0.0.1."
        ) from None
    listener = socket.socket(family, kind)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # At once: until somebody listens, another process could bind the same port.
        listener.listen()
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"Can't listen on {host} port {port} ({error.strerror or error}). "
            "Choose another with --port; --port 0 picks a free one."
        ) from None
    return listener
