from __future__ import annotations

from base64 import b64encode

import pytest

from brainbot.passwords import hash_password, is_password

pytestmark = pytest.mark.anyio
COST = 2**8
KEPT = hash_password("the password", b"0123456789abcdef", COST)


async def test_a_password_matches_what_was_kept_of_it_and_no_other_does() -> None:
    assert await is_password("the password", KEPT, KEPT)
    assert not await is_password("The password", KEPT, KEPT)
    assert not await is_password("", KEPT, KEPT)


async def test_nobody_who_does_not_exist_has_a_password_that_matches() -> None:
    # The dummy's own password would match: it opens nothing.
    assert not await is_password("the password", None, KEPT)


def test_one_password_is_kept_differently_with_another_salt() -> None:
    assert hash_password("the password", b"another salt....", COST) != KEPT


def test_what_is_kept_is_scrypt_of_rfc_7914() -> None:
    # https://www.rfc-editor.org/rfc/rfc7914#section-12, the third vector: the first 32 bytes of its 64.
    wanted = bytes.fromhex("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2")
    kept = hash_password("pleaseletmein", b"SodiumChloride", 16384)
    assert kept == f"scrypt$16384$8$1$U29kaXVtQ2hsb3JpZGU=${b64encode(wanted).decode()}"


async def test_a_hash_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="scrypt"):
        await is_password("the password", KEPT.replace("scrypt", "bcrypt"), KEPT)
