"""Finds the namespaces of an environment, and connects them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from .codec import Codec, json
from .endpoint import Endpoint
from .environment import NamespaceSettings, Settings
from .errors import KvError
from .limits import MAX_VALUE_BYTES
from .namespace_core import NamespaceCore
from .near_cache import NearCache
from .near_options import NearCacheOptions
from .strong_core import StrongCore
from .tracing import Tracer, installed_tracer
from .transport import Transport
from .value_store import ValueOptions, ValueStore
from .world import World

V = TypeVar("V")

# Cloudflare's own cache of a location, where the configuration says nothing.
_DEFAULT_STALENESS_SECONDS = 60


@dataclass(frozen=True)
class KvOptions:
    """How an environment is reached."""

    #: For a whole call with all its requests and repeats.
    deadline_seconds: float = 10
    #: How often a request is repeated that failed and may be repeated.
    repeats: int = 3
    #: Of OpenTelemetry: a span for each request, without keys. `installed`: the application's, where it has the API.
    tracer: Tracer | Literal["installed"] | None = "installed"
    world: World = field(default_factory=World)


class Directory:
    """The namespaces of an environment, by name."""

    def __init__(self, settings: Settings, options: KvOptions) -> None:
        tracer = installed_tracer() if options.tracer == "installed" else options.tracer
        self.json: Codec[Any] = json()
        self._settings = settings
        self._world = options.world
        self._endpoint = Endpoint(
            settings,
            options.world,
            deadline_seconds=options.deadline_seconds,
            repeats=options.repeats,
            tracer=tracer,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """In the order of the configuration."""
        return tuple(namespace.name for namespace in self._settings.namespaces)

    def core(self, name: str, values: ValueOptions[V], near: NearCacheOptions | None) -> NamespaceCore[V]:
        """Of a namespace of either class. Raises KvError UNKNOWN_NAMESPACE."""
        return NamespaceCore(*self._parts(self._named(name), values, near))

    def strong_core(self, name: str, values: ValueOptions[V], near: NearCacheOptions | None) -> StrongCore[V]:
        """Of a strong one. Raises KvError UNKNOWN_NAMESPACE, NOT_STRONG."""
        settings = self._named(name)
        if settings.consistency != "strong":
            raise KvError(
                "NOT_STRONG", f"The namespace {name} is eventual: it has no atomic operations, and reads may be old."
            )
        return StrongCore(*self._parts(settings, values, near))

    def _parts(
        self, settings: NamespaceSettings, values: ValueOptions[V], near: NearCacheOptions | None
    ) -> tuple[ValueStore[V], NearCache[V] | None]:
        if not 0 <= values.jitter <= 1:
            raise KvError("NOT_CONFIGURED", "jitter is a share from 0 to 1.")
        if type(values.split_above_bytes) is not int or not 1 <= values.split_above_bytes <= MAX_VALUE_BYTES:
            raise KvError("NOT_CONFIGURED", f"split_above_bytes is a whole number from 1 to {MAX_VALUE_BYTES}.")
        transport = Transport(self._endpoint, self._settings.account_id, settings.id, self._world)
        store = ValueStore(settings, transport, self._world, values)
        if near is None:
            return store, None
        staleness = settings.staleness_budget_seconds or settings.cache_ttl_seconds or _DEFAULT_STALENESS_SECONDS
        own_seconds = 0 if store.is_strong else staleness
        return store, NearCache(near, own_seconds, self._world, store.thaw)

    def _named(self, name: str) -> NamespaceSettings:
        for settings in self._settings.namespaces:
            if settings.name == name:
                return settings
        raise KvError("UNKNOWN_NAMESPACE", f"There is no namespace {name}; there are {', '.join(self.names)}.")
