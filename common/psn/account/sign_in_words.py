"""What a person reads before signing in. The command line and the pages say the same."""

from __future__ import annotations

import msgspec


class SignInWords(msgspec.Struct, frozen=True, kw_only=True):
    """The two steps, and what to know about the NPSSO."""

    sign_in: str = (
        "Sign in there as usual, with passkey or 2-step code. Use a private window for each account. "
        "A new account must have accepted the terms there first."
    )
    age: str = (
        "Since June 2026, accounts of the United Kingdom and Ireland need a verified age for parties. "
        "A new account is not verified. Verify it first."
    )
    copy_all: str = 'It shows {"npsso":"…"}. Copy all of it, or only the 64 characters.'
    careful: str = "The NPSSO is as good as your password for about 60 days. Do not give it to anybody."
    ends: str = "It becomes invalid when you sign in or out again in that browser."
    kept: str = "It is sent to Sony only, and never logged."
