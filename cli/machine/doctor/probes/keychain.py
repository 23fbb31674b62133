"""The probe of the keychain. The Mac's part was written from the manual page of `security`. Not run on a Mac yet."""

from __future__ import annotations

import msgspec

from cli.machine.doctor.judge.keychain import Keychain
from cli.machine.doctor.surroundings import Surroundings, TooSlowError

ANSWER_S = 8.0
"""As long as auth waits for it (`workers.auth.stored.store`)."""


def keychain(around: Surroundings) -> Keychain:
    if around.settings.auth.store != "keychain":
        return Keychain(used=False)
    if around.is_mac:
        shown = around.run("security", "show-keychain-info")
        if shown.code not in (0, 127) and "not allowed" in shown.err:
            return Keychain(used=True, locked=True, fault=shown.err.strip()[-200:])
    try:
        found = around.run_python("cli.machine.doctor.children.keychain", wait_s=ANSWER_S)
    except TooSlowError:
        return Keychain(used=True, asked=True)
    return msgspec.convert(found, Keychain)
