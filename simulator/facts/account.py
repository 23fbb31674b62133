"""Facts of signing in and tokens."""

from __future__ import annotations

from simulator.facts import fact

SIGN_IN_PAGE = fact(
    "account.sign-in-page", "seen", "People sign in on a page; ssocookie then shows the NPSSO, else error_code 20.",
    "auth.md: it shows `error_code` 20",
)  # fmt: skip
AUTHORIZE = fact(
    "account.authorize", "seen", "authorize answers 302 either way, with a code or with login_required (4165).",
    "auth.md: It answers 302 whether it worked or not",
)  # fmt: skip
CODE = fact(
    "account.code", "seen", "A code is for one use and some minutes.",
    "auth.md: a one-time `code` that lives for minutes",
)  # fmt: skip
TOKEN_CALL = fact(
    "account.token-call", "seen", "token is a form with HTTP Basic; its cid is the correlation id, new for each call.",
    "auth.md: `token` is a form with HTTP Basic",
)  # fmt: skip
TOKEN_ANSWER = fact(
    "account.token-answer", "seen", "token answers a JWT that lives 3599 s, and a refresh token with its own life.",
    "auth.md: It answers an access token",
)  # fmt: skip
REFRESH_SAME = fact(
    "account.refresh-same", "seen", "A refresh returns the same refresh token; its end stays where it was.",
    "auth.md: A refresh returns the same refresh token", ("same", "rotates"),
)  # fmt: skip
CLAIMS = fact(
    "account.claims", "seen", "An access token says whose it is, in which country, and whether of a child.",
    "auth.md: `account_id` (decimal, our own)",
)  # fmt: skip
INVALID_GRANT = fact(
    "account.invalid-grant", "seen", "A code or refresh token that is not good any more is invalid_grant.",
    "auth.md: `invalid_grant` is final",
)  # fmt: skip
OTHER_CODES = fact(
    "account.other-codes", "open", "The error codes of malformed sign-in calls are made up.",
    "auth.md: Error codes of malformed sign-in calls",
)  # fmt: skip
WHO_AM_I = fact(
    "account.who-am-i", "seen", "dms answers the caller's own account id.", "auth.md: GET /api/v1/devices/accounts/me"
)
ONLINE_ID = fact(
    "account.online-id", "seen", "profile2 answers an online id's account id, else 404 with 2105356.",
    "auth.md: `profile2` answers 404 with code 2105356",
)  # fmt: skip
PROFILES = fact("account.profiles", "seen", "Profiles have onlineId and avatars.", "auth.md: A profile's `avatars` are")
AGE = fact(
    "account.age", "seen", "Unverified accounts of GB and IE cannot create or join parties.",
    "auth.md: must have verified their age",
)  # fmt: skip
AGE_CODE = fact(
    "account.age-code", "open", "Status and code of that refusal are made up.",
    "auth.md: With which code an unverified account is refused", ("403 2281601", "403 2233400", "400 2265300"),
)  # fmt: skip
CHILD = fact(
    "account.child", "open", "A child account without permission is refused like an unverified one.",
    "auth.md: What a child account may do",
)  # fmt: skip
REVOKED = fact(
    "account.revoked", "one", "A session that was ended elsewhere is refused with 0x80030033.",
    "auth.md: code 0x80030033",
)  # fmt: skip
APP_TOO_OLD = fact(
    "account.app-too-old", "open", "An app that is too old is refused with 426; status and words are made up.",
    "auth.md: How an app version that is too old",
)  # fmt: skip
RATES = fact(
    "account.rates", "seen", "About 300 calls in a quarter of an hour, then 429 until the oldest is over.",
    "auth.md: About 300 calls in 10 to 15 minutes",
)  # fmt: skip
