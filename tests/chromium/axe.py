"""axe-core in a page: what it finds wrong by WCAG 2.2 AA. `make setup-test` fetches it where npm is."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from common.files.paths import CHECKOUT

AXE = CHECKOUT / "var/axe-core/package/axe.min.js"
GRAVE = ("moderate", "serious", "critical")
_RUN = """
async (only) => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const options = only
    ? { runOnly: { type: "rule", values: only } }
    : { runOnly: { type: "tag", values: tags }, rules: { "target-size": { enabled: true } } };
  const { violations } = await axe.run(document, { ...options, resultTypes: ["violations"], preload: false });
  const words = ({ target, any }) => [target.join(" "), ...any.map(({ message }) => message)].join(": ");
  return violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(words) }));
}
"""

needs_axe = pytest.mark.skipif(not AXE.exists(), reason="`make setup-test` found no npm")


def all_findings(page: Page, *only: str) -> list[dict[str, Any]]:
    """Return what axe finds in `page` as it is now, by all rules or `only` by these: id, impact, nodes."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(_RUN, list(only) or None)
    return found


def grave_findings(page: Page, *only: str) -> list[str]:
    """Return a line for each finding that is not minor."""
    return [
        f"{one['id']} ({one['impact']}): {'; '.join(one['nodes'][:4])}"
        for one in all_findings(page, *only)
        if one["impact"] in GRAVE
    ]
