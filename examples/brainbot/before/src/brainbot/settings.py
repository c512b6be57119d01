"""What the application is told by its environment, read once at start-up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

Variables = Mapping[str, str]


class SettingsError(ValueError):
    """Variables that are wrong. The message names all of them, and holds no value."""


@dataclass(frozen=True)
class Settings:
    """Lifetimes are whole seconds; limits are calls a minute for one person."""

    accounts: Mapping[str, str]
    """Password hash by user name, as `python -m brainbot.passwords` prints it."""
    popular_questions: tuple[str, ...]
    session_ttl_seconds: int
    answer_ttl_seconds: int
    document_ttl_seconds: int
    max_document_bytes: int
    questions_per_minute: int
    sign_ins_per_minute: int
    model_rounds: int
    """What one answer costs: rounds of a hash function."""


_NUMBERS: Mapping[str, int] = {
    "BRAINBOT_SESSION_TTL_SECONDS": 86_400,
    "BRAINBOT_ANSWER_TTL_SECONDS": 3_600,
    "BRAINBOT_DOCUMENT_TTL_SECONDS": 604_800,
    "BRAINBOT_MAX_DOCUMENT_BYTES": 8 * 1024 * 1024,
    "BRAINBOT_QUESTIONS_PER_MINUTE": 20,
    "BRAINBOT_SIGN_INS_PER_MINUTE": 10,
    "BRAINBOT_MODEL_ROUNDS": 200_000,
}


def settings_from(env: Variables) -> Settings:
    """Reads all variables. Raises SettingsError that names every one that is wrong."""
    wrong: list[str] = []
    numbers = {name: _number(env, name, wrong) for name in _NUMBERS}
    accounts = _accounts(env, wrong)
    questions = _questions(env, wrong)
    if wrong:
        raise SettingsError("; ".join(wrong))
    return Settings(
        accounts=accounts,
        popular_questions=questions,
        session_ttl_seconds=numbers["BRAINBOT_SESSION_TTL_SECONDS"],
        answer_ttl_seconds=numbers["BRAINBOT_ANSWER_TTL_SECONDS"],
        document_ttl_seconds=numbers["BRAINBOT_DOCUMENT_TTL_SECONDS"],
        max_document_bytes=numbers["BRAINBOT_MAX_DOCUMENT_BYTES"],
        questions_per_minute=numbers["BRAINBOT_QUESTIONS_PER_MINUTE"],
        sign_ins_per_minute=numbers["BRAINBOT_SIGN_INS_PER_MINUTE"],
        model_rounds=numbers["BRAINBOT_MODEL_ROUNDS"],
    )


def _number(env: Variables, name: str, wrong: list[str]) -> int:
    text = env.get(name, str(_NUMBERS[name]))
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    wrong.append(f"{name} has to be a whole number from 1 on")
    return 0


def _accounts(env: Variables, wrong: list[str]) -> dict[str, str]:
    found = _json(env.get("BRAINBOT_ACCOUNTS", ""))
    accounts = _entries(found)
    if accounts:
        return accounts
    wrong.append("BRAINBOT_ACCOUNTS has to be a JSON object of password hashes by user name")
    return {}


def _questions(env: Variables, wrong: list[str]) -> tuple[str, ...]:
    found = _json(env.get("BRAINBOT_POPULAR_QUESTIONS", "[]"))
    if isinstance(found, list):
        questions = [text for text in found if isinstance(text, str) and text.strip()]
        if len(questions) == len(found):
            return tuple(questions)
    wrong.append("BRAINBOT_POPULAR_QUESTIONS has to be a JSON array of questions")
    return ()


def _json(text: str) -> list[object] | dict[object, object] | None:
    try:
        found: list[object] | dict[object, object] | str | float | None = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, list | dict) else None


def _entries(found: list[object] | dict[object, object] | None) -> dict[str, str]:
    """The entries of an object of texts; nothing where one of them is something else."""
    if not isinstance(found, dict):
        return {}
    entries = {k: v for k, v in found.items() if isinstance(k, str) and isinstance(v, str)}
    return entries if len(entries) == len(found) else {}
