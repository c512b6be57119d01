"""Passwords are kept as `scrypt$<n>$<r>$<p>$<salt>$<hash>`, salt and hash in base64.

`python -m brainbot.passwords` reads a password from standard input and prints what belongs in BRAINBOT_ACCOUNTS.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
import sys

# OWASP's least for scrypt: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
DEFAULT_COST = 2**17
_BLOCK_SIZE = 8
_PARALLEL = 1
_SALT_BYTES = 16
_HASH_BYTES = 32


def hash_password(password: str, salt: bytes, cost: int = DEFAULT_COST) -> str:
    """The form that is kept. `cost` is scrypt's N, a power of two; memory is 1,024 bytes times N."""
    parts = (salt, _scrypt(password, salt, cost, _BLOCK_SIZE, _PARALLEL))
    texts = [base64.b64encode(part).decode() for part in parts]
    return "$".join(["scrypt", str(cost), str(_BLOCK_SIZE), str(_PARALLEL), *texts])


async def is_password(password: str, kept: str | None, dummy: str) -> bool:
    """Whether a password is the one that was kept, in a thread: the hash takes its time.

    `kept` is None for people who do not exist: the same work is done for `dummy`, so that time tells nothing.
    """
    matches = await asyncio.to_thread(_matches, password, kept if kept is not None else dummy)
    return matches and kept is not None


def _matches(password: str, kept: str) -> bool:
    kind, cost, block_size, parallel, salt, wanted = kept.split("$")
    if kind != "scrypt":
        raise ValueError("a kept password has to begin with scrypt$")
    found = _scrypt(password, base64.b64decode(salt), int(cost), int(block_size), int(parallel))
    return hmac.compare_digest(found, base64.b64decode(wanted))


def _scrypt(password: str, salt: bytes, cost: int, block_size: int, parallel: int) -> bytes:
    # OpenSSL asks for a little more than the 128 * N * r bytes of the algorithm.
    memory = 128 * cost * block_size * 2
    return hashlib.scrypt(
        password.encode(),
        salt=salt,
        n=cost,
        r=block_size,
        p=parallel,
        maxmem=memory,
        dklen=_HASH_BYTES,
    )


if __name__ == "__main__":
    sys.stdout.write(f"{hash_password(sys.stdin.readline().rstrip(), secrets.token_bytes(_SALT_BYTES))}\n")
