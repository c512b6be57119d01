"""For the unit tests of applications: KV in the memory of the test, with a clock that the test moves.

```python
fake = FakeKv()
cache = fake.kv().namespace("cache")
cache.put("user:42", {"name": "Ada"}, ttl_seconds=60)
fake.clock.advance(61)
assert cache.get("user:42") is None
```
"""

from .clock import ManualClock
from .fake_kv import FakeKv, RawPair

__all__ = ["FakeKv", "ManualClock", "RawPair"]
