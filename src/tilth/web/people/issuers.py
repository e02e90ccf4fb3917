"""Sign-in by others (OpenID Connect), as the deployer wrote it in ``server.toml``.

::

    [sign_in]
    second_factor = "administrators"      # none | administrators | everyone

    [[sign_in.issuer]]
    id = "ministry"                       # stands in addresses; keep it
    name = "Ministry account"
    issuer = "https://id.example.org/realms/work"
    client_id = "tilth"
    client_secret_file = "oidc.secret"    # beside server.toml; mode 0600
    also = ["https://login.example.org"]  # where its sign-in page stands elsewhere

An identity is the pair of issuer and ``sub``; names and e-mail addresses are neither asked for nor
kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from tilth.core.problems import Problem, Refused, register

__all__ = ["SECOND_FACTOR", "Issuer", "SignIn", "provider_settings", "read_sign_in"]

SECOND_FACTOR = ("none", "administrators", "everyone")

register(
    {
        "sign_in_malformed": (
            "The part sign_in of server.toml cannot be used: {why}.",
            "Compare it with the example in the page on people and sign-in.",
        ),
    }
)


class Issuer(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An OpenID Connect issuer that people may sign in with."""

    id: str
    name: str
    issuer: str
    client_id: str
    client_secret_file: str = ""
    also: tuple[str, ...] = ()

    def origins(self) -> list[str]:
        """Origins a browser is sent to while signing in."""
        parts = [urlsplit(one) for one in (self.issuer, *self.also)]
        return [f"{one.scheme}://{one.netloc}" for one in parts]


class _Part(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    issuer: tuple[Issuer, ...] = ()
    second_factor: str = "none"


class SignIn(NamedTuple):
    """What ``server.toml`` says of signing in."""

    issuers: tuple[Issuer, ...]
    second_factor: str


def read_sign_in(file_settings: Mapping[str, Any]) -> SignIn:
    """Read the part ``sign_in``; without one nobody else signs people in.

    Raises
    ------
    Refused
        ``sign_in_malformed``.
    """
    try:
        part = msgspec.convert(file_settings.get("sign_in", {}), _Part)
    except msgspec.ValidationError as error:
        raise _malformed(str(error)) from None
    if part.second_factor not in SECOND_FACTOR:
        raise _malformed(f"second_factor is one of {', '.join(SECOND_FACTOR)}")
    for one in part.issuer:
        address = urlsplit(one.issuer)
        loopback = address.hostname in ("localhost", "127.0.0.1", "::1")
        if address.scheme != "https" and not (address.scheme == "http" and loopback):
            raise _malformed(f"the issuer {one.issuer} is not an https address")
        if not one.id.replace("-", "").isalnum() or not one.id.isascii():
            raise _malformed(f"the id {one.id} holds more than letters, digits and dashes")
    ids = [one.id for one in part.issuer]
    if len(set(ids)) != len(ids):
        raise _malformed("two issuers have one id")
    return SignIn(part.issuer, part.second_factor)


def _malformed(why: str) -> Refused:
    return Refused(Problem("sign_in_malformed", "server.toml", {"why": why}))


def provider_settings(sign_in: SignIn, folder: Path | None) -> dict[str, Any]:
    """Issuers as allauth reads them; secrets come from files of their own."""
    apps = []
    for one in sign_in.issuers:
        secret = ""
        if one.client_secret_file and folder is not None:
            secret = (folder / one.client_secret_file).read_text("utf-8").strip()
        apps.append(
            {
                "provider_id": one.id,
                "name": one.name,
                "client_id": one.client_id,
                "secret": secret,
                "settings": {
                    "server_url": one.issuer,
                    "fetch_userinfo": False,
                    "oauth_pkce_enabled": True,
                    "scope": ["openid"],
                },
            }
        )
    return {"openid_connect": {"APPS": apps, "OAUTH_PKCE_ENABLED": True, "SCOPE": ["openid"]}}
