"""The rules in words."""

from __future__ import annotations

from integrations.obs_rules.rules.explain import explain
from integrations.obs_rules.rules.rule_file import read


def test_each_rule_is_a_sentence() -> None:
    lines = explain(read(
        '[[rule]]\nname = "Face"\nwho = ["Bo", 2, "me"]\nshow = { scene = "G", source = "X" }\nexclusive = "f"\n'
        'hide = { scene = "G", source = "Y" }\nenable = { source = "C", filter = "F" }\n'
        'disable = { source = "C", filter = "H" }\ntext = { source = "T", text = "{name}" }\n'
        '[[rule]]\nwho = "nobody"\nscene = "S"\npreview = "P"\nattack_s = 0\n'
        '[scenes]\nwins = "loudest"\npause_s = 30\nwhen_on = ["A", "B"]\n', "f",
    ))  # fmt: skip
    assert lines[0].startswith("1. Face: When Bo, the person at place 2 or your own console speaks for 0.2 s: show “X”")
    assert "hide “Y” in “G”, enable the filter “F” of “C”, disable the filter “H” of “C”" in lines[0]
    assert lines[0].endswith(
        "set the text of “T” to “{name}” (otherwise “”). Until 1 s after the last word, and for at least 1 s."
    )
    assert lines[1].startswith(
        "2. As soon as nobody speaks: switch the program scene to “S”, switch the preview scene to “P”. "
    )
    assert lines[1].endswith("Until 1 s after somebody speaks, and for at least 1 s.")
    assert lines[2] == "Of the rules 1 (“f”) one holds at a time: who began to speak last."
    assert "then who is loudest. A scene that you choose by hand is left alone for 30 s." in lines[3]
    assert lines[4] == "The scene is switched only while the one that you chose last is “A” or “B”."
    assert len(lines) == 5
