"""Cloudflare KV for Python applications on Render: docs/python.md of the repository."""

from .aio import AsyncNamespace, AsyncStrongNamespace
from .cached import AsyncCached, Cached, cached
from .codec import Codec, json, raw_bytes, text
from .directory import KvOptions
from .environment import NamespaceSettings, Settings, settings_from
from .errors import KvError, KvErrorCode
from .kv import AsyncKv, Kv
from .namespace import Namespace, StrongNamespace
from .namespace_core import ListedEntry
from .near_options import NearCacheOptions, NearCacheStats
from .secret import Secret
from .strong_core import ConditionalWrite
from .value_store import Entry
from .warm_core import WarmResult
from .world import World

__all__ = [
    "AsyncCached",
    "AsyncKv",
    "AsyncNamespace",
    "AsyncStrongNamespace",
    "Cached",
    "Codec",
    "ConditionalWrite",
    "Entry",
    "Kv",
    "KvError",
    "KvErrorCode",
    "KvOptions",
    "ListedEntry",
    "Namespace",
    "NamespaceSettings",
    "NearCacheOptions",
    "NearCacheStats",
    "Secret",
    "Settings",
    "StrongNamespace",
    "WarmResult",
    "World",
    "cached",
    "json",
    "raw_bytes",
    "settings_from",
    "text",
]
