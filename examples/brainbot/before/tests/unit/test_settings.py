from __future__ import annotations

import pytest

from brainbot.settings import SettingsError, settings_from

ACCOUNTS = '{"ada":"scrypt$…"}'


def test_what_is_not_said_has_its_default() -> None:
    settings = settings_from({"BRAINBOT_ACCOUNTS": ACCOUNTS})
    assert settings.accounts == {"ada": "scrypt$…"}
    assert settings.popular_questions == ()
    assert settings.session_ttl_seconds == 86_400


def test_what_is_said_counts() -> None:
    said = {
        "BRAINBOT_ACCOUNTS": ACCOUNTS,
        "BRAINBOT_POPULAR_QUESTIONS": '["What is a cache?"]',
        "BRAINBOT_ANSWER_TTL_SECONDS": "60",
    }
    settings = settings_from(said)
    assert settings.popular_questions == ("What is a cache?",)
    assert settings.answer_ttl_seconds == 60


def test_all_that_is_wrong_is_said_together_and_no_value_is_shown() -> None:
    wrong = {
        "BRAINBOT_ACCOUNTS": '{"ada": 7}',
        "BRAINBOT_POPULAR_QUESTIONS": "secret",
        "BRAINBOT_SESSION_TTL_SECONDS": "-1",
        "BRAINBOT_MODEL_ROUNDS": "secret",
    }
    with pytest.raises(SettingsError) as raised:
        settings_from(wrong)
    message = str(raised.value)
    assert [name for name in wrong if name not in message] == []
    assert "secret" not in message


@pytest.mark.parametrize("accounts", ["", "{}", "[]", "not JSON", '"text"'])
def test_an_application_without_accounts_does_not_start(accounts: str) -> None:
    with pytest.raises(SettingsError, match="BRAINBOT_ACCOUNTS"):
        settings_from({"BRAINBOT_ACCOUNTS": accounts})
