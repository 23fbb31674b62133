"""The vocabulary is its own documentation; these tests hold it to that."""

from __future__ import annotations

import inspect
import re
from types import ModuleType

import msgspec
import pytest

from common import messages, requests, wire
from common.messages import BY_TOPIC, MESSAGES, Message
from common.requests import REQUESTS, Request

WORKERS = {"broker", "auth", "session", "signaling", "media", "audio", "recorder"}


def all_of(base: type, module: ModuleType) -> set[type]:
    return {
        cls
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, base) and cls is not base and (cls.__module__ + ".").startswith(module.__name__ + ".")
    }


def test_every_message_and_request_that_is_defined_is_listed() -> None:
    assert all_of(Message, messages) == set(MESSAGES)
    assert all_of(Request, requests) == set(REQUESTS)


def test_topics_are_unique_and_no_topic_is_a_prefix_of_another() -> None:
    assert len(BY_TOPIC) == len(MESSAGES)
    assert not [(a, b) for a in BY_TOPIC for b in BY_TOPIC if a != b and f"{b}/".startswith(f"{a}/")]


@pytest.mark.parametrize("cls", [*MESSAGES, *REQUESTS], ids=lambda cls: cls.__name__)
def test_the_docstring_says_who_sends_it_to_whom(cls: type) -> None:
    assert "→" in (cls.__doc__ or "").splitlines()[0]


@pytest.mark.parametrize("cls", REQUESTS, ids=lambda cls: cls.__name__)
def test_a_request_names_a_worker_that_exists_and_its_reply(cls: type[Request[object]]) -> None:
    assert cls.WORKER in WORKERS
    assert issubclass(cls.REPLY, msgspec.Struct)


@pytest.mark.parametrize("cls", MESSAGES, ids=lambda cls: cls.__name__)
def test_no_published_message_has_a_place_for_a_secret(cls: type[Message]) -> None:
    secret = re.compile(r"token|npsso|secret|password|^code$|cookie|pasted")
    fields = [name for name in cls.__struct_fields__ if secret.search(name)]
    assert fields == (["code"] if cls is messages.Problem else [])  # there it is the problem's name


def made_up(cls: type[msgspec.Struct]) -> dict[str, object]:
    samples: dict[str, object] = {"str": "x", "float": 1.5, "int": 3, "bool": True}
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(cls):
        if field.required:
            kind = field.type
            args = getattr(kind, "__args__", ())
            values[field.name] = (
                args[0] if args and isinstance(args[0], str) else samples.get(getattr(kind, "__name__", ""), {})
            )
    return values


@pytest.mark.parametrize("cls", MESSAGES, ids=lambda cls: cls.__name__)
def test_every_message_survives_the_bus(cls: type[Message]) -> None:
    message = cls(**made_up(cls))
    header = wire.Header(sender="test", boot="b", seq=1, at=1.0)
    received = wire.decode(wire.encode(message, header))
    assert received.message == message
    assert received.header == header
    assert received.topic.startswith(f"{cls.TOPIC}/")
