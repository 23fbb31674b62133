from __future__ import annotations

import textwrap

from benchmarks.house import words
from benchmarks.house.shape import arrows, circles, read

SOURCE = textwrap.dedent(
    '''
    """One thing; and another. A third."""

    import os
    from . import sibling
    from ..other import name

    LIMIT = 3
    _HIDDEN = 4


    class Thing:
        """Explained."""

        def __init__(self, far: object) -> None:
            self.a, self.b = 1, 2
            self.c: int = far._inside

        def _own(self, x, y):
            # why this is so
            for _ in x:
                if y:
                    return self._own(x, y)
    '''
)


def test_a_file_is_read_as_it_is() -> None:
    module = read("top.mid.here", SOURCE, package=False)
    assert module.imports == {"os", "top.mid.sibling", "top.other.name"}
    assert (module.comments, module.foreign, module.public_names) == (1, 1, 2)
    (found,) = module.classes
    assert (found.methods, found.attributes) == (2, 3)
    constructor, own = module.functions
    assert (constructor.arguments, constructor.typed, constructor.explained) == (1, True, False)
    assert (own.arguments, own.nesting, own.public, own.typed) == (2, 2, False, False)
    assert set(module.sentences) == {"One thing; and another", "A third.", "Explained.", "why this is so"}
    assert words.joined_share(module.sentences) == 0.25


def test_in_a_package_a_relative_import_is_of_the_package() -> None:
    assert read("top.mid", "from . import below\n", package=True).imports == {"top.mid.below"}


def test_circles_are_found() -> None:
    sources = {"a": "import b", "b": "from c import thing", "c": "import a", "d": "import a"}
    graph = arrows({name: read(name, source, package=False) for name, source in sources.items()})
    assert graph["b"] == {"c"}
    assert circles(graph) == [{"a", "b", "c"}]


def test_turns_of_phrase_are_counted() -> None:
    found = words.counts(["It is opened anew so long as nobody, whom it concerns, says no.", "Anew."])
    assert (found["anew"], found["so long / so many"], found["whom"], found["of ours"]) == (2, 1, 1, 0)
