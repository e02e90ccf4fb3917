"""Fetches a picture from another server, and nothing else (OWASP ASVS 5.0 V1.3.6, V13.2).

Redirects are not followed, addresses of private networks are refused unless allowed, the address
that was looked up is the one that is connected to, and what is no picture or too large is dropped.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from urllib.parse import urlsplit

from tilth.core.problems import Problem, Refused, register

__all__ = ["fetch_picture"]

register(
    {
        "fetch_refused": (
            "The server did not ask {host}: {reason}.",
            "Correct the address in server.toml; where the host is in your own network, say so.",
        ),
        "fetch_failed": (
            "{host} gave no picture: {reason}.",
            "Look whether it can be reached from this server; the map works without it.",
        ),
    }
)

_PICTURES = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/webp": (b"RIFF",),
}
_MOST_BYTES = 2_000_000
_TIMEOUT_S = 8.0


def fetch_picture(url: str, *, private: bool = False) -> tuple[bytes, str]:
    """Bytes and content type of a picture.

    Parameters
    ----------
    private
        Whether the host may lie in a private network or on this machine.

    Raises
    ------
    Refused
        ``fetch_refused``, ``fetch_failed``.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise _refused(host, "it is no address of a web server")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _looked_up(host, port, private=private)
    connection = _connection(parts.scheme, host, port, address)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    asking = {"Accept": ", ".join(_PICTURES), "User-Agent": "Tilth"}
    try:
        connection.request("GET", target, headers=asking)
        with connection.getresponse() as response:
            if response.status != http.client.OK:
                raise _failed(host, f"it answered {response.status}")
            kind = response.headers.get_content_type()
            if kind not in _PICTURES:
                raise _failed(host, f"it sent {kind}")
            data = response.read(_MOST_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise _failed(host, type(error).__name__) from error
    finally:
        connection.close()
    if len(data) > _MOST_BYTES:
        raise _failed(host, f"it is larger than {_MOST_BYTES:,} bytes")
    if not data.startswith(_PICTURES[kind]):
        raise _failed(host, f"what it sent is not {kind}")
    return data, kind


def _looked_up(host: str, port: int, *, private: bool) -> str:
    """Address of a host, every one of its addresses being allowed."""
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise _failed(host, "its name is not known") from error
    for one in sorted(found):
        ip = ipaddress.ip_address(one.split("%", 1)[0])
        mapped = getattr(ip, "ipv4_mapped", None) or ip
        if not (mapped.is_global or private) or mapped.is_multicast or mapped.is_unspecified:
            raise _refused(host, "it lies in a private network")
    return sorted(found)[0]


def _connection(scheme: str, host: str, port: int, address: str) -> http.client.HTTPConnection:
    """Connection to an address that was looked up, under the name of its host."""
    if scheme == "http":
        plain = http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)
        plain._create_connection = _to(address)  # type: ignore[attr-defined]
        return plain
    context = ssl.create_default_context()
    secure = http.client.HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=context)
    secure._create_connection = _to(address)  # type: ignore[attr-defined]
    return secure


def _to(address: str):  # type: ignore[no-untyped-def]
    def connect(  # type: ignore[no-untyped-def]
        where: tuple[str, int], timeout=None, source_address=None
    ) -> socket.socket:
        return socket.create_connection((address, where[1]), timeout, source_address)

    return connect


def _refused(host: str, reason: str) -> Refused:
    return Refused(Problem("fetch_refused", host, {"host": host, "reason": reason}))


def _failed(host: str, reason: str) -> Refused:
    return Refused(Problem("fetch_failed", host, {"host": host, "reason": reason}))
