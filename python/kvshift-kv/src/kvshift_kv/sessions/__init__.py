"""Sessions in a namespace, without a framework; `starlette` and `flask` beside it bring them to one."""

from .session_data import LoadedSession, merge_sessions, session_key
from .sessions import AsyncSessions, Sessions, new_session_id, sessions_in

__all__ = [
    "AsyncSessions",
    "LoadedSession",
    "Sessions",
    "merge_sessions",
    "new_session_id",
    "session_key",
    "sessions_in",
]
