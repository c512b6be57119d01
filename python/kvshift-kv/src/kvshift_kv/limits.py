"""Limits of Workers KV and of Cloudflare's API.

Sources: https://developers.cloudflare.com/kv/platform/limits/ and
https://developers.cloudflare.com/fundamentals/api/reference/limits/
"""

MAX_KEY_BYTES = 512
MAX_VALUE_BYTES = 25 * 1024 * 1024
MAX_METADATA_BYTES = 1024
MIN_EXPIRATION_TTL_SECONDS = 60
MAX_LIST_KEYS = 1000
MIN_LIST_KEYS = 10
MAX_BULK_GET_KEYS = 100

#: Calls of a whole account in `RATE_WINDOW_SECONDS`; one more and all of them are refused for as long again.
RATE_REQUESTS = 1200
RATE_WINDOW_SECONDS = 300
