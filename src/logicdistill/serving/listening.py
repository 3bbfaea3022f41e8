"""Where a server listens."""

from __future__ import annotations

import ipaddress
import socket

from logicdistill.errors import StorageError


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens; raises `StorageError` where the address cannot be had."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        family, kind, proto, _, address = found[0]
        taken = socket.socket(family, kind, proto)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(address)
            taken.listen(2048)
        except OSError:
            taken.close()
            raise
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise StorageError(
            f"cannot listen on {host} port {port}: {why}; take another --port or --host"
        ) from None
    taken.set_inheritable(True)
    return taken


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address or name."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def in_url(host: str) -> str:
    """A host as an address names it."""
    return f"[{host}]" if ":" in host else host


def to_open(host: str, port: int) -> str:
    """The address to open, and who else reaches the server, for its first line."""
    if host not in ("0.0.0.0", "::", ""):
        return f"http://{in_url(host)}:{port}"
    # These stand for every address of this machine, and are none that can be opened.
    return f"http://localhost:{port}  and at every other address of this machine"
