"""Run as a user: connects, says how that went, and hands bytes on in both directions until one ends.

Its standard input and output are what the user says and hears; an address is a path, or HOST:PORT.
"""

import errno
import os
import select
import socket
import sys


def connected(address: str) -> socket.socket:
    """A socket that is connected there."""
    if not address.startswith("/"):
        host, port = address.rsplit(":", 1)
        return socket.create_connection((host, int(port)))
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(address)
    return peer


def hand_on(peer: socket.socket) -> None:
    """Hands on what comes, until either side has no more."""
    while True:
        ready, _, _ = select.select([0, peer.fileno()], [], [])
        for source in ready:
            said = os.read(source, 1 << 16)
            if not said:
                return
            if source == 0:
                peer.sendall(said)
            else:
                tell(said)


def tell(text: bytes) -> None:
    """Says all of it."""
    while text:
        text = text[os.write(1, text):]


def main() -> None:
    try:
        peer = connected(sys.argv[1])
    except OSError as error:
        tell(errno.errorcode.get(error.errno or 0, str(error)).encode() + b"\n")
        return
    tell(b"connected\n")
    hand_on(peer)


main()
