"""The cookie of a session: its id, signed, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ..errors import KvError
from ..secret import Secret

_PURPOSE = b"kvshift-kv session cookie 1"
_IDENTITY = re.compile(r"[0-9a-f]{64}\Z")
_LEAST_SECRET = 16
# https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")


class CookieSigner:
    """Signs ids with the first secret, and accepts those of all: a secret is replaced by putting the new one first."""

    def __init__(self, secrets: Sequence[str | Secret]) -> None:
        keys = [_key_of(secret) for secret in secrets]
        # Tools that report errors show the variables of each call.
        del secrets
        self._keys = [key for key in keys if key is not None]
        if not keys or None in keys:
            raise KvError("NOT_CONFIGURED", f"The cookie needs secrets of {_LEAST_SECRET} bytes at least, as str.")

    def signed(self, identity: str) -> str:
        """The text of a cookie."""
        return f"{identity}.{_signature(self._keys[0], identity)}"

    def identity_in(self, cookie: str) -> str | None:
        """The id of a cookie; `None` where nobody here signed it."""
        identity, _, signature = cookie.partition(".")
        if not _IDENTITY.match(identity) or not signature.isascii():
            return None
        # All of them, whichever fits: how long it takes tells nothing.
        fits = [hmac.compare_digest(_signature(key, identity), signature) for key in self._keys]
        return identity if any(fits) else None


@dataclass(frozen=True)
class CookieOptions:
    """How the browser keeps it."""

    name: str = "session"
    path: str = "/"
    domain: str | None = None
    secure: bool = True
    http_only: bool = True
    same_site: Literal["strict", "lax", "none"] = "lax"
    #: Whether it ends with the browser, and not with the session.
    ends_with_browser: bool = False

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise KvError("NOT_CONFIGURED", "The name of the cookie is none that browsers take.")
        if self.same_site == "none" and not self.secure:
            raise KvError("NOT_CONFIGURED", "A cookie with same_site none has to be secure: browsers drop it else.")


def set_cookie(options: CookieOptions, value: str, max_age_seconds: int) -> str:
    """The header that keeps it."""
    lifetime = [] if options.ends_with_browser else [f"Max-Age={max_age_seconds}"]
    return "; ".join([f"{options.name}={value}", *lifetime, *_attributes(options)])


def delete_cookie(options: CookieOptions) -> str:
    """The header that takes it away."""
    return "; ".join([f"{options.name}=", "Max-Age=0", *_attributes(options)])


def cookies_named(name: str, headers: Iterable[str]) -> list[str]:
    """What a request says under a name: more than once where paths or domains differ."""
    pairs = [pair.strip().partition("=") for header in headers for pair in header.split(";")]
    return [value.strip('"') for found, _, value in pairs if found == name]


def _attributes(options: CookieOptions) -> list[str]:
    attributes = [f"Path={options.path}", f"SameSite={options.same_site.capitalize()}"]
    if options.domain is not None:
        attributes.append(f"Domain={options.domain}")
    if options.http_only:
        attributes.append("HttpOnly")
    return [*attributes, "Secure"] if options.secure else attributes


def _key_of(secret: object) -> bytes | None:
    text = secret.reveal() if isinstance(secret, Secret) else secret
    if not isinstance(text, str) or len(text.encode("utf-8", "surrogatepass")) < _LEAST_SECRET:
        return None
    return hmac.digest(text.encode("utf-8", "surrogatepass"), _PURPOSE, "sha256")


def _signature(key: bytes, identity: str) -> str:
    digest = hmac.new(key, identity.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
