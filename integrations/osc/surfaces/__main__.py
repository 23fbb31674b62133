"""`python -m integrations.osc.surfaces` writes the layouts again, after a change of the addresses."""

from __future__ import annotations

from pathlib import Path

from integrations.osc.surfaces import open_stage_control, tosc, touchosc

LAYOUTS = Path(__file__).parents[1] / "layouts"


def main() -> None:
    (LAYOUTS / touchosc.FILE).write_bytes(tosc.packed(touchosc.layout()))
    (LAYOUTS / open_stage_control.FILE).write_text(open_stage_control.session(), "utf-8")


if __name__ == "__main__":
    main()
