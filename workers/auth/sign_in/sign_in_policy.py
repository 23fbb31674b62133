"""Who signs in, and what follows when a sign-in has ended: the user, or with the simulator's demo partyline itself."""

from __future__ import annotations

from typing import Protocol

from workers.auth.stored.token_set import TokenSet

CHECK_S = 30.0
"""Seconds between two checks of the wall clock at most, because it may jump and laptops sleep."""
REQUEST_WAIT_S = 5.0
"""How long a request waits for a refresh, a demo sign-in or an online id that is on its way."""


class SignInPolicy(Protocol):
    signed_out_detail: str
    """What the worker does while nobody is signed in."""

    async def sign_in(self) -> float:
        """Sign in, if that needs no user, and return the seconds until the next call. Called while nobody is."""

    def check_end(self, tokens: TokenSet, now: float) -> None:
        """Warn before the sign-in ends. Called at each check."""

    async def on_ended(self, tokens: TokenSet, now: float) -> float:
        """Handle a refresh token that cannot be used any more. Return the seconds until the next check."""

    async def sign_out(self) -> None:
        """Handle the user's request to sign out. Raises `SignInError`."""

    async def ready(self) -> None:
        """Wait until somebody is signed in, if that needs no user."""
