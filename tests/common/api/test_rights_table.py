"""The table of rights: it has everything, and the notes have it."""

from __future__ import annotations

from common.api import rights_table
from common.api.rights import NEEDED, NOT_OFFERED, TOPICS
from common.api.rights_table import PATHS, WITHOUT_A_KEY, table
from common.files.paths import CHECKOUT
from workers.dashboard.serve.site import PAGES


def test_it_has_each_request_topic_and_path() -> None:
    rows = [(row.kind, row.name) for row in table()]
    assert len(rows) == len(set(rows)) == len(NEEDED) + len(TOPICS) + len(PATHS)
    whole = "\n".join(rights_table.lines())
    for name in [*(cls.__name__ for cls in (*NEEDED, *NOT_OFFERED)), *(cls.TOPIC for cls in TOPICS), *WITHOUT_A_KEY]:
        assert f"`{name}`" in whole
    assert set(PAGES) <= set(WITHOUT_A_KEY)


def test_the_notes_have_it() -> None:
    told = (CHECKOUT / "notes" / "api.md").read_text("utf-8")
    assert "\n".join(rights_table.lines()) in told, "Put what `partyline api rights` prints into notes/api.md."
