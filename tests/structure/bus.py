"""Who publishes, reads, serves and asks what on the bus, collected from the code."""

from __future__ import annotations

import ast
import functools
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from common.messages import MESSAGES, Message
from common.requests import REQUESTS, Request
from tests.structure.code import PARTS, WORKERS, calls, files, loaded, part_of, tree, used_by

Traffic = dict[str, set[str]]
"""Name of a message or request → parts."""
_BY_NAME: dict[str, type[Any]] = {cls.__name__: cls for cls in (*MESSAGES, *REQUESTS)}


def _classes(node: ast.AST, module: str) -> set[str]:
    """Return the messages and requests that an expression names: by themselves, in a tuple, or by a variable."""
    names = _names(node)
    for name in set(names):
        names |= _held(module).get(name, set())
    return {one for name in names for one in _known(getattr(loaded(module), name, None))}


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


@functools.cache
def _held(module: str) -> Traffic:
    """Return variable → names in the f-strings and tuples that it is given."""
    found: Traffic = defaultdict(set)
    for given in ast.walk(tree(module)):
        if isinstance(given, ast.Assign) and isinstance(given.value, ast.JoinedStr | ast.Tuple):
            for target in given.targets:
                found[ast.unparse(target)] |= _names(given.value)
    return found


def _known(value: object) -> set[str]:
    values = value if isinstance(value, tuple | list | set | frozenset) else (value,)
    return {one.__name__ for one in values if isinstance(one, type) and _BY_NAME.get(one.__name__) is one}


@functools.cache
def _bus_modules() -> tuple[str, ...]:
    return tuple(
        name
        for name in files()
        if part_of(name) in {*PARTS, "common"} and not name.startswith(("common.bus", "common.messages"))
    )


@functools.cache
def _made(*, shared: bool) -> Traffic:
    """Return who makes an instance of what: in files of their own, or (`shared`) by what they use of common/."""
    found: Traffic = defaultdict(set)
    for module in _bus_modules():
        if shared == (part_of(module) == "common"):
            for name, call in calls(module):
                maker = getattr(call.func, "value", None)  # of `CLASS.of(...)`, as of any call of a class itself
                for called in (name, maker.id if isinstance(maker, ast.Name) else ""):
                    if _BY_NAME.get(called) is getattr(loaded(module), called, module):
                        found[called] |= used_by(module)
    return found


@functools.cache
def _given_to(*functions: str) -> Traffic:
    """Return class → who names it in a call of one of `functions`."""
    found: Traffic = defaultdict(set)
    for module in _bus_modules():
        for name, call in calls(module):
            if name in functions:
                for cls in {cls for argument in call.args for cls in _classes(argument, module)}:
                    found[cls] |= used_by(module)
    return found


def publishers(cls: type[Message]) -> set[str]:
    """Return the workers that make such messages, and do not just begin with one of others' as readers do."""
    name = cls.__name__
    own = _made(shared=False)[name] - (_given_to("subscribe")[name] - _by_direction(cls))
    return (own | _made(shared=True)[name]) & WORKERS


def _by_direction(cls: type[Message]) -> set[str]:
    """Return who may publish and read the same class: those that go both ways, a topic for each."""
    return set(WORKERS) if "direction" in cls.__struct_fields__ else set()


def readers(cls: type[Message]) -> set[str]:
    """Return who subscribes, who takes a snapshot of others' messages, and who picks them out of all that come."""
    name = cls.__name__
    return (
        _given_to("subscribe")[name] | _given_to("isinstance")[name] | (_given_to("snapshot")[name] - publishers(cls))
    )


def servers(cls: type[Request[Any]]) -> set[str]:
    return _given_to("serve")[cls.__name__]


def askers(cls: type[Request[Any]], allowed: Iterable[type[Request[Any]]]) -> set[str]:
    """Return who makes such requests; the dashboard makes those that its pages are `allowed`."""
    made = _made(shared=False)[cls.__name__] | _made(shared=True)[cls.__name__]
    return made | ({"dashboard"} if cls in set(allowed) else set())
