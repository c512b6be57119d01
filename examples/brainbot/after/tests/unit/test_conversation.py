from __future__ import annotations

from brainbot.conversation import MAX_MESSAGES, Message, message_field, message_text, messages_of, surplus


def _fields(count: int) -> dict[str, str]:
    return {
        message_field("work" if number % 2 else "home", 1_000 + number, b"\x00"): message_text(
            Message(question=str(number), answer="…")
        )
        for number in range(count)
    }


def test_messages_are_in_the_order_of_their_times_whatever_that_of_the_fields() -> None:
    fields = dict(reversed(_fields(6).items())) | {"user": "ada"}
    assert [message.question for message in messages_of(fields, "home")] == ["0", "2", "4"]


def test_a_conversation_whose_name_begins_like_another_one_is_its_own() -> None:
    fields = {message_field("work-2", 1.0, b"\x00"): message_text(Message(question="q", answer="a"))}
    assert messages_of(fields, "work") == []


def test_only_what_is_too_much_makes_room_and_the_oldest_first() -> None:
    assert surplus(_fields(MAX_MESSAGES - 1) | {"user": "ada"}) == []
    oldest = [message_field("home", 1_000, b"\x00"), message_field("work", 1_001, b"\x00")]
    assert surplus(_fields(MAX_MESSAGES + 1) | {"user": "ada"}) == oldest


def test_messages_of_all_languages_come_back_as_they_were() -> None:
    message = Message(question="Was ist ein Schlüssel? 🔑", answer='«un»\n"deux"')
    assert messages_of({message_field("main", 1.0, b"\x00"): message_text(message)}, "main") == [message]
