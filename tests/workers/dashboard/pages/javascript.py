"""The pages' JavaScript without a browser, in Playwright's own Node.js. For modules that touch no document."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import playwright

STATIC = Path(__file__).parents[4] / "workers" / "dashboard" / "static" / "js"
NODE = Path(playwright.__file__).parent / "driver" / "node"
_LOOP = """
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const { modules, expression, values } = JSON.parse(line);
  const scope = { ...values };
  for (const module of modules) Object.assign(scope, await import(module));
  let answer;
  try {
    answer = { value: new Function(...Object.keys(scope), `return (${expression});`)(...Object.values(scope)) ?? null };
  } catch (error) {
    answer = { error: String(error) };
  }
  console.log(JSON.stringify(answer));
}
"""


class JavaScript:
    """One Node.js with some of the pages' modules."""

    def __init__(self, process: subprocess.Popen[str], modules: tuple[str, ...]) -> None:
        self._process = process
        self._modules = [(STATIC / module).as_uri() for module in modules]

    def __call__(self, expression: str, **values: Any) -> Any:
        """Return the expression's value. What the modules export and the JSON `values` are in scope."""
        assert self._process.stdin
        assert self._process.stdout
        asked = {"modules": self._modules, "expression": expression, "values": values}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["value"]


@contextmanager
def javascript(*modules: str) -> Iterator[JavaScript]:
    """Yield a Node.js that knows these modules, such as ``overlay/options.js``."""
    with subprocess.Popen(
        [str(NODE), "--input-type=module", "--eval", _LOOP],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        yield JavaScript(process, modules)
        assert process.stdin
        process.stdin.close()
