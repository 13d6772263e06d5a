"""Messages between the service and its inspection workers: whole, bounded, and never believed."""

import os
import socket
import threading
from collections.abc import Iterator

import pytest

from gridboss_assets.inspection.sandbox import wire

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_line_body_and_descriptor_arrive_together(pair: Pair) -> None:
    ours, theirs = pair
    reader, writer = os.pipe()
    wire.send(ours, {"kind": "image"}, b"bytes", descriptor=reader)
    line, body, descriptor = wire.Receiver(theirs).receive(timeout=5)
    assert (line, body) == ({"kind": "image"}, b"bytes")
    assert descriptor is not None
    os.write(writer, b"x")
    assert os.read(descriptor, 1) == b"x"
    for each in (reader, writer, descriptor):
        os.close(each)


def test_messages_that_arrive_at_once_are_told_apart(pair: Pair) -> None:
    ours, theirs = pair
    wire.send(ours, {"n": 1}, b"one\n")
    wire.send(ours, {"n": 2}, b"")
    receiver = wire.Receiver(theirs)
    assert [receiver.receive(timeout=5)[:2] for _ in range(2)] == [
        ({"n": 1}, b"one\n"),
        ({"n": 2}, b""),
    ]


def test_a_large_body_arrives_whole(pair: Pair) -> None:
    ours, theirs = pair
    data = os.urandom(3_000_000)
    sender = threading.Thread(target=wire.send, args=(ours, {}, data))
    sender.start()
    assert wire.Receiver(theirs).receive(timeout=30)[1] == data
    sender.join()


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\n",
        b"[1]\n",
        b"{}\n",
        b'{"body": "many"}\n',
        b'{"body": -1}\n',
        b'{"body": 99999999999}\n',
        b'{"body": 5}\nabc',
        b"[" * 50_000 + b"\n",
        b"",
    ],
)
def test_nonsense_counts_as_hanging_up(pair: Pair, sent: bytes) -> None:
    ours, theirs = pair
    ours.sendall(sent)
    ours.shutdown(socket.SHUT_WR)
    with pytest.raises(wire.Closed):
        wire.Receiver(theirs).receive(timeout=5)


def test_a_line_without_end_is_cut_off(pair: Pair) -> None:
    ours, theirs = pair
    sender = threading.Thread(target=lambda: ours.sendall(b"x" * (wire.MAX_LINE_BYTES * 2)))
    sender.start()
    with pytest.raises(wire.Closed):
        wire.Receiver(theirs).receive(timeout=5)
    theirs.close()
    sender.join()


def test_bytes_that_trickle_in_extend_no_deadline(pair: Pair) -> None:
    ours, theirs = pair
    ours.sendall(b'{"body": 1000}\n')
    done = threading.Event()

    def trickle() -> None:
        while not done.wait(0.01):
            ours.sendall(b"x")

    sender = threading.Thread(target=trickle)
    sender.start()
    with pytest.raises(TimeoutError):
        wire.Receiver(theirs).receive(timeout=0.2)
    done.set()
    sender.join()


def test_a_side_that_is_gone_is_closed(pair: Pair) -> None:
    ours, theirs = pair
    theirs.close()
    with pytest.raises(wire.Closed):
        wire.send(ours, {}, bytes(1_000_000))
