"""What people rely on in sessions, on every namespace that may hold them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kvshift_kv import KvError
from kvshift_kv.sessions import AsyncSessions, LoadedSession, new_session_id, sessions_in

from .stages import Stage


def sessions_of(stage: Stage) -> AsyncSessions:
    return stage.sessions()


async def loaded(sessions: AsyncSessions, identity: str) -> LoadedSession:
    found = await sessions.load(identity)
    assert found is not None
    return found


async def data_of(sessions: AsyncSessions, identity: str) -> dict[str, Any] | None:
    found = await sessions.load(identity)
    return None if found is None else found.data


async def test_gives_back_what_was_stored_and_nothing_for_an_id_that_nobody_stored(stage: Stage) -> None:
    sessions, identity = sessions_of(stage), new_session_id()
    user = {"name": "Ада", "roles": ["a", "b"], "nested": {"deep": [1, {"x": None}]}}
    await sessions.save(identity, {"user": user}, 600)
    assert await data_of(sessions, identity) == {"user": user}
    assert await sessions.load(new_session_id()) is None


async def test_replaces_a_session_as_a_whole_where_it_is_saved_without_being_loaded(stage: Stage) -> None:
    sessions, identity = sessions_of(stage), new_session_id()
    await sessions.save(identity, {"a": 1}, 600)
    await sessions.save(identity, {"b": 2}, 600)
    assert await data_of(sessions, identity) == {"b": 2}


async def test_has_nothing_of_a_session_that_was_destroyed_whatever_comes_later(stage: Stage) -> None:
    sessions, identity = sessions_of(stage), new_session_id()
    await sessions.save(identity, {"user": "ada"}, 600)
    late = await loaded(sessions, identity)
    await sessions.destroy(identity)
    assert await sessions.load(identity) is None
    late.data["seen"] = True
    assert await sessions.save(identity, late.data, 600, late) is None
    await sessions.touch(identity, 600)
    assert await sessions.save(identity, {"user": "eve"}, 600) is None
    assert await sessions.load(identity) is None
    await sessions.destroy(new_session_id())


async def test_keeps_the_fields_of_requests_that_change_different_ones_in_place(stage: Stage) -> None:
    sessions, identity = sessions_of(stage), new_session_id()
    await sessions.save(identity, {"user": "ada", "flash": "hello"}, 600)
    one, two = await loaded(sessions, identity), await loaded(sessions, identity)
    one.data["cart"] = [1]
    del one.data["flash"]
    two.data["theme"] = "dark"
    assert await sessions.save(identity, one.data, 600, one) is not None
    after = await sessions.save(identity, two.data, 600, two)
    expected = {"user": "ada", "cart": [1], "theme": "dark"}
    assert after is not None
    assert (after.data, await data_of(sessions, identity)) == (expected, expected)


async def test_changes_by_a_touch_no_field_that_another_request_has_changed(stage: Stage) -> None:
    sessions, identity = sessions_of(stage), new_session_id()
    await sessions.save(identity, {"count": 0}, 600)
    writer = await loaded(sessions, identity)
    await sessions.save(identity, {"count": 1}, 600, writer)
    await sessions.touch(identity, 1200)
    assert await data_of(sessions, identity) == {"count": 1}


async def test_loses_no_field_of_many_requests_at_once(strong_stage: Stage) -> None:
    sessions, identity = sessions_of(strong_stage), new_session_id()
    await sessions.save(identity, {"user": "ada"}, 600)
    bases = [await loaded(sessions, identity) for _ in range(8)]
    await asyncio.gather(
        *(
            sessions.save(identity, {**base.data, f"field {number}": number}, 600, base)
            for number, base in enumerate(bases)
        )
    )
    expected = {"user": "ada", **{f"field {number}": number for number in range(8)}}
    assert await data_of(sessions, identity) == expected


async def test_counts_lists_and_clears_all_sessions(stage: Stage) -> None:
    sessions = sessions_of(stage)
    await sessions.clear()
    identities = [new_session_id() for _ in range(3)]
    for index, identity in enumerate(identities):
        await sessions.save(identity, {"index": index}, 600)
    await sessions.destroy(identities[0])
    assert await sessions.count() == 2
    assert sorted([data["index"] async for data in sessions.all()]) == [1, 2]
    await sessions.clear()
    assert await sessions.count() == 0
    assert await sessions.load(identities[1]) is None


async def test_is_refused_on_an_eventual_namespace_unless_stale_logout_is_accepted(stage: Stage) -> None:
    namespace = stage.plain_namespace()
    if namespace.consistency == "strong":
        with pytest.raises(KvError, match=r"take it by kv\.strong"):
            sessions_in(namespace)
        return
    with pytest.raises(KvError, match="a destroyed session may be accepted for minutes"):
        sessions_in(namespace)
