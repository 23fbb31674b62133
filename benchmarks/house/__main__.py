"""Figures of the source tree: sizes, shapes, imports and words, of this tree and of an older one.

    python -m benchmarks.house [--rev 8abaeaf] [--json FILE]

The table has the figures of the product and of its words. `--rev` adds an older commit's figures. A percentile is the
nearest rank. An import under ``TYPE_CHECKING`` counts like any other.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.house import words
from benchmarks.house.shape import Module, arrows, circles, read
from common.files.paths import CHECKOUT

PRODUCT = ("common", "workers", "cli", "captures", "simulator", "benchmarks")
MOST_SIBLINGS = 12


def modules(root: Path, folders: Iterable[str]) -> dict[str, Module]:
    """Return the figures of every file below these folders, by dotted name."""
    found: dict[str, Module] = {}
    for folder in folders:
        for file in sorted((root / folder).rglob("*.py")):
            parts = file.relative_to(root).with_suffix("").parts
            package = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if package else parts)
            found[name] = read(name, file.read_text(encoding="utf-8"), package=package)
    return found


def spread(values: Sequence[float]) -> str:
    """Return median, 90th percentile and maximum."""
    if not values:
        return "-"
    ordered = sorted(values)
    return f"{statistics.median(ordered):.0f} / {_p90(ordered):.0f} / {ordered[-1]:.0f}"


def _p90(ordered: Sequence[float]) -> float:
    return ordered[max(0, -(-len(ordered) * 9 // 10) - 1)]


def figures(root: Path) -> dict[str, str]:
    """Return the rows of the table, in order."""
    product = modules(root, PRODUCT)
    tests = modules(root, ["tests"])
    functions = [one for module in product.values() for one in module.functions]
    classes = [one for module in product.values() for one in module.classes]
    public = [one for one in functions if one.public]
    lines = sum(module.lines for module in product.values())
    test_lines = sum(module.lines for module in tests.values())
    graph = arrows(product)
    loops = circles(graph)
    siblings = _siblings(root)
    return {
        "files": str(len(product)),
        "lines": str(lines),
        "file lines, med / p90 / max": spread([module.lines for module in product.values() if module.lines]),
        "function lines": spread([one.lines for one in functions]),
        "arguments": spread([one.arguments for one in functions]),
        "class lines": spread([one.lines for one in classes]),
        "class methods": spread([one.methods for one in classes]),
        "class attributes": spread([one.attributes for one in classes]),
        "classes over 170 lines or 15 methods": str(sum(one.lines > 170 or one.methods > 15 for one in classes)),
        "comments per 100 lines": f"{100 * sum(m.comments for m in product.values()) / lines:.1f}",
        "public functions explained, %": f"{100 * sum(one.explained for one in public) / len(public):.0f}",
        "return types, %": f"{100 * sum(one.typed for one in functions) / len(functions):.0f}",
        "nesting": spread([one.nesting for one in functions]),
        "imports of a file": spread([len(module.imports) for module in product.values() if module.lines]),
        "public names of a file": spread([module.public_names for module in product.values() if module.lines]),
        "foreign _x per 1000 lines": f"{1000 * sum(m.foreign for m in product.values()) / lines:.1f}",
        "fan-out": spread([len(arrow) for arrow in graph.values()]),
        "import circles (biggest)": f"{len(loops)} ({max(map(len, loops), default=0)})",
        f"folders of more than {MOST_SIBLINGS} files (biggest)": (
            f"{sum(count > MOST_SIBLINGS for count in siblings)} ({max(siblings)})"
        ),
        "tests, % of all lines": f"{100 * test_lines / (lines + test_lines):.0f}",
        "tests": str(sum(_is_test(root, module) for module in tests.values())),
        "modules with a test file of their own, %": f"{_mirrored(product, tests):.0f}",
    }


def _siblings(root: Path) -> list[int]:
    folders = {file.parent for top in PRODUCT for file in (root / top).rglob("*.py")}
    return [sum(1 for file in folder.glob("*.py") if file.name != "__init__.py") for folder in folders] or [0]


def _is_test(root: Path, module: Module) -> int:
    file = (root / Path(*module.name.split("."))).with_suffix(".py")
    return file.read_text(encoding="utf-8").count("def test_") if file.name.startswith("test_") else 0


def _mirrored(product: dict[str, Module], tests: dict[str, Module]) -> float:
    named = {name.rpartition(".")[2].removeprefix("test_") for name in tests if ".test_" in name}
    counted = [name for name, module in product.items() if module.functions and not name.startswith("benchmarks")]
    return 100 * sum(name.rpartition(".")[2] in named for name in counted) / len(counted)


def vocabulary(root: Path) -> dict[str, str]:
    """Return how often each watched phrase occurs in docstrings and comments of the product."""
    sentences = [sentence for module in modules(root, PRODUCT).values() for sentence in module.sentences]
    found = {name: str(count) for name, count in words.counts(sentences).items()}
    lengths = [len(sentence.split()) for sentence in sentences]
    return found | {
        "words in a sentence, med / p90 / max": spread(lengths),
        "sentences joined by ; or :, %": f"{100 * words.joined_share(sentences):.0f}",
    }


def at(rev: str, into: Path) -> None:
    """Unpack a commit's tree."""
    archive = subprocess.run(["git", "archive", rev], cwd=CHECKOUT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(into, filter="data")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rev", help="a commit whose figures stand beside today's")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    arguments = parser.parse_args()
    columns = {"now": figures(CHECKOUT) | vocabulary(CHECKOUT)}
    if arguments.rev:
        with tempfile.TemporaryDirectory() as folder:
            at(arguments.rev, Path(folder))
            columns = {arguments.rev: figures(Path(folder)) | vocabulary(Path(folder))} | columns
    print(f"| figure | {' | '.join(columns)} |\n|---|{'--:|' * len(columns)}")
    for row in columns["now"]:
        print(f"| {row} | {' | '.join(column[row] for column in columns.values())} |")
    if arguments.json:
        arguments.json.write_text(json.dumps(columns, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
