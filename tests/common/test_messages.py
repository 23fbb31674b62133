"""The vocabulary is its own documentation; these tests hold it to that."""

from __future__ import annotations

import importlib
import pkgutil
import re
from types import ModuleType

import msgspec
import pytest

from common import messages, requests
from common.messages import BY_TOPIC, MESSAGES, Message, wire
from common.requests import REQUESTS, Request
from tests.structure.code import WORKERS


def all_of(base: type, module: ModuleType) -> set[type]:
    """Return every subclass of `base` in `module`, and in every file below it, whether anything imports that or not."""
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{module.__name__}."):
        importlib.import_module(found.name)
    waiting, subclasses = [base], set()
    while waiting:
        for cls in waiting.pop().__subclasses__():
            waiting.append(cls)
            if f"{cls.__module__}.".startswith(f"{module.__name__}."):
                subclasses.add(cls)
    return subclasses


def test_every_message_and_request_that_is_defined_is_listed() -> None:
    """A message that `MESSAGES` lacks is dropped by the broker as of an unknown topic."""
    assert all_of(Message, messages) == set(MESSAGES)
    assert {cls for cls in all_of(Request, requests) if "WORKER" in vars(cls)} == set(REQUESTS)


def test_every_message_is_found_where_all_others_are() -> None:
    assert [cls.__name__ for cls in MESSAGES if cls.__name__ not in messages.__all__] == []


def test_topics_are_unique_and_no_topic_is_a_prefix_of_another() -> None:
    assert len(BY_TOPIC) == len(MESSAGES)
    assert not [(a, b) for a in BY_TOPIC for b in BY_TOPIC if a != b and f"{b}/".startswith(f"{a}/")]


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
