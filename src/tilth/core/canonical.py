"""The bytes that are hashed and signed.

Signed values hold only ASCII keys, strings, integers, booleans and null, in objects and arrays.
Under that restriction every careful JSON encoder with sorted keys gives the bytes of RFC 8785;
floats do not, so they are refused.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

__all__ = ["decode", "encode", "require_canonical", "sha256"]

_ENCODER = msgspec.json.Encoder(order="sorted")
_MAX_INT = 2**53 - 1  # RFC 8785 §3.2.2.3: beyond it encoders that use doubles disagree


def encode(value: object) -> bytes:
    """Canonical bytes of a value of plain dicts, lists, strings, integers, booleans and None.

    The caller has built the value from checked fields; `require_canonical` is the check for
    values from outside.

    Examples
    --------
    >>> encode({"b": 1, "a": ["x", None]})
    b'{"a":["x",null],"b":1}'
    """
    return _ENCODER.encode(value)


def decode(data: bytes) -> Any:
    """Decode canonical bytes.

    Raises
    ------
    ValueError
        When the bytes are not JSON, or not the canonical form of what they say.
    """
    value = msgspec.json.decode(data)
    require_canonical(value)
    if encode(value) != data:
        msg = "bytes are JSON but not canonical"
        raise ValueError(msg)
    return value


def require_canonical(value: object, path: str = "$") -> None:
    """Refuse what may not be signed: floats, large integers, non-ASCII or non-string keys.

    Raises
    ------
    ValueError
        Naming the path of the first offending value.
    """
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            msg = f"{path}: a lone surrogate cannot be encoded"
            raise ValueError(msg) from error
        return
    if isinstance(value, int):
        if abs(value) > _MAX_INT:
            msg = f"{path}: integer beyond 2^53 - 1"
            raise ValueError(msg)
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str) or not key.isascii():
                msg = f"{path}: key {key!r} is not an ASCII string"
                raise ValueError(msg)
            require_canonical(inner, f"{path}.{key}")
        return
    if isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            require_canonical(inner, f"{path}[{position}]")
        return
    msg = f"{path}: {type(value).__name__} may not be signed"
    raise ValueError(msg)


def sha256(data: bytes) -> str:
    """SHA-256 as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
