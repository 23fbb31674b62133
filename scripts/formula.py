"""Write a release's address and checksum into the Homebrew formula: formula.py FOLDER PROJECT VERSION SDIST.

Homebrew's `brew update-python-resources` does the rest of a formula, which changes only with the pins.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

_HEAD = re.compile(r'^(  url ")[^"]*("\n(?:.*\n)??  sha256 ")[0-9a-f]*(")', re.MULTILINE)
"""The formula's own two lines. Those of its resources have a deeper indent."""


def updated(formula: str, url: str, sha256: str) -> str:
    """Return the formula with its own address and checksum. Raises `ValueError` if it does not have them."""
    text, count = _HEAD.subn(rf"\g<1>{url}\g<2>{sha256}\g<3>", formula, count=1)
    if not count:
        raise ValueError('The formula has no lines `url "…"` and `sha256 "…"` of its own.')
    return text


def sdist_url(project: str, file: Path) -> str:
    """Return where PyPI serves a source distribution, by the address that has no hash in it."""
    return f"https://files.pythonhosted.org/packages/source/{project[0]}/{project}/{file.name}"


def main() -> None:
    """Update every formula of the folder, and end with 1 if there is none."""
    folder, project, version, sdist = Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4])
    formulae = sorted(folder.rglob("*.rb"))
    if version not in sdist.name or not formulae:
        sys.exit(f"There is no formula in {folder}, or {sdist} is not of version {version}.")
    for file in formulae:
        digest = hashlib.sha256(sdist.read_bytes()).hexdigest()
        file.write_text(updated(file.read_text("utf-8"), sdist_url(project, sdist), digest), "utf-8")


if __name__ == "__main__":
    main()
