"""Markdown tables with escaping for any cell content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from captures.tell.schema import FieldShape


def cell(text: object) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in str(text))
    return plain.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def code(text: object) -> str:
    plain = cell(text).replace("`", "'").replace("&lt;", "<").replace("\\\\", "\\")
    return f"`{plain}`" if plain.strip() else ""


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Return a table, or a line that says there is nothing. Cells are already escaped (`cell`, `code`)."""
    if not rows:
        return ["Nothing in this capture.", ""]
    lines = [head, ["---"] * len(head), *rows]
    return [*("| " + " | ".join(str(item) for item in row) + " |" for row in lines), ""]


def fields_table(fields: Mapping[str, FieldShape]) -> list[str]:
    return table(
        ["field", "type", "there", "examples"],
        [
            [
                code(path.lstrip(".")),
                ", ".join(sorted(entry.types)),
                f"{entry.seen} of {entry.of}" if entry.optional else "always",
                ", ".join(code(text) for text in entry.examples),
            ]
            for path, entry in fields.items()
        ],
    )
