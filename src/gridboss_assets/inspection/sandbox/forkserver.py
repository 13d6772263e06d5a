"""The forkserver: a small process with one thread that has everything loaded and forks workers.

Run as ``python -m gridboss_assets.inspection.sandbox.forkserver DESCRIPTOR``. A server with threads
must not fork (a lock that another thread holds stays locked in the child for ever), and a new
interpreter takes a fifth of a second to load the decoders. It ends when its parent hangs up, and
its workers with it.
"""

import gc
import os
import signal
import socket
import sys
import traceback

from gridboss_assets.inspection import warm_up
from gridboss_assets.inspection.sandbox import wire
from gridboss_assets.inspection.sandbox.confinement import confine, seccomp_is_available
from gridboss_assets.inspection.sandbox.worker import serve


def main(descriptor: int) -> None:
    """Fork a worker for each channel that is handed over, until the parent hangs up."""
    control = socket.socket(fileno=descriptor)
    # Ctrl-C in a terminal goes to the whole group; the parent decides when we end.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # Nobody waits for workers: the kernel may forget them at once.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # Everything that inspection ever imports is imported now: workers can open no file.
    warm_up()
    # What is here now is shared by all workers; a collection would touch, and so copy, its pages.
    gc.collect()
    gc.freeze()
    receiver = wire.Receiver(control)
    try:
        wire.send(control, {"ready": True, "seccomp": seccomp_is_available()})
        while True:
            order, _, channel = receiver.receive()
            if channel is None:
                return
            pid = os.fork()
            if pid == 0:
                _become_worker(order, channel, control)
            os.close(channel)
            wire.send(control, {"pid": pid})
    except wire.Closed:
        return


def _become_worker(order: dict[str, int], descriptor: int, control: socket.socket) -> None:
    """Confine this child and let it work; it never returns into the forkserver's loop."""
    status = 1
    try:
        parent = os.getppid()
        control.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        channel = socket.socket(fileno=descriptor)
        confine(descriptor, address_space=order["address_space"], forkserver=parent)
        wire.send(channel, {"confined": True})
        serve(channel, jobs=order["jobs"], retire_above=order["retire_above"])
        status = 0
    except BaseException:
        traceback.print_exc()  # a confined worker has no standard error any more
        raise
    finally:
        os._exit(status)


if __name__ == "__main__":
    main(int(sys.argv[1]))
