"""The variables that the environment group of an environment gives a service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from .errors import KvError
from .json_text import parsed_or, record_of
from .secret import Secret

Consistency: TypeAlias = Literal["eventual", "strong"]

_API_URL = "CLOUDFLARE_KV_API_URL"
_ACCOUNT_ID = "CLOUDFLARE_KV_ACCOUNT_ID"
_API_TOKEN = "CLOUDFLARE_KV_API_TOKEN"  # noqa: S105 -- the name of a variable
_NAMESPACES = "CLOUDFLARE_KV_NAMESPACES"
_LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))


@dataclass(frozen=True)
class NamespaceSettings:
    """A namespace as `CLOUDFLARE_KV_NAMESPACES` describes it."""

    name: str
    #: Cloudflare's id.
    id: str
    consistency: Consistency
    default_ttl_seconds: int
    max_ttl_seconds: int | None = None
    cache_ttl_seconds: int | None = None
    staleness_budget_seconds: int | None = None


@dataclass(frozen=True)
class Settings:
    """What an application is given."""

    #: With `/client/v4`.
    api_url: str
    account_id: str
    api_token: Secret
    namespaces: tuple[NamespaceSettings, ...]
    #: What the application says of itself to the gateway: `<service id>/<instance id>`.
    client: str | None = None


def settings_from(env: Mapping[str, str]) -> Settings:
    """Reads the variables. Raises KvError NOT_CONFIGURED with everything that is missing."""
    missing = [name for name in (_API_URL, _ACCOUNT_ID, _API_TOKEN, _NAMESPACES) if not env.get(name)]
    if missing:
        raise _not_configured(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set.")
    api_url = env[_API_URL].rstrip("/")
    _require_safe(api_url)
    service, instance = env.get("RENDER_SERVICE_ID"), env.get("RENDER_INSTANCE_ID")
    return Settings(
        api_url=api_url,
        account_id=env[_ACCOUNT_ID],
        api_token=Secret(env[_API_TOKEN]),
        namespaces=_namespaces_in(env[_NAMESPACES]),
        client=f"{service}/{instance}" if service and instance else None,
    )


def _require_safe(api_url: str) -> None:
    try:
        scheme, host = urlsplit(api_url).scheme, urlsplit(api_url).hostname
    except ValueError:
        scheme, host = "", None
    if scheme not in ("http", "https") or not host:
        raise _not_configured(f"{_API_URL} is no URL.")
    if scheme != "https" and host not in _LOOPBACK:
        raise _not_configured(f"{_API_URL} has to begin with https://: the credential would be sent in clear.")


def _namespaces_in(text: str) -> tuple[NamespaceSettings, ...]:
    found = record_of(parsed_or(text, None))
    if not found:
        raise _not_configured(f"{_NAMESPACES} is no JSON object of namespaces.")
    return tuple(_namespace_of(name, record_of(value)) for name, value in found.items())


def _namespace_of(name: str, value: dict[str, Any]) -> NamespaceSettings:
    namespace_id, consistency = value.get("id"), value.get("consistency")
    default = _seconds_of(value.get("defaultTtlSeconds"))
    optional = ("maxTtlSeconds", "cacheTtlSeconds", "stalenessBudgetSeconds")
    # What is there and cannot be read is no absence: without its maximum a namespace would take anything.
    is_whole = all(value.get(field) is None or _seconds_of(value[field]) is not None for field in optional)
    is_class = consistency in ("eventual", "strong")
    if not isinstance(namespace_id, str) or not namespace_id or not is_class or default is None or not is_whole:
        raise _not_configured(
            f"{_NAMESPACES}.{name} needs an id, a consistency (eventual or strong) and defaultTtlSeconds; "
            "seconds are whole numbers from 1 on."
        )
    longest, cache, budget = (_seconds_of(value.get(field)) for field in optional)
    return NamespaceSettings(name, namespace_id, consistency, default, longest, cache, budget)


def _seconds_of(value: Any) -> int | None:
    return value if type(value) is int and value >= 1 else None


def _not_configured(what: str) -> KvError:
    return KvError(
        "NOT_CONFIGURED",
        f"{what} The environment group of this environment gives all CLOUDFLARE_KV_ variables: is it linked, and was "
        "the service deployed since?",
    )
