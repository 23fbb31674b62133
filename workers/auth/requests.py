"""The requests that auth serves."""

from __future__ import annotations

from common.bus import Bus
from common.messages import AuthState
from common.requests import AccessToken, Done, SignIn, SignInInfo, SignOut, Token, WhoAmI
from workers.auth.pasted_sign_in import PastedSignIn
from workers.auth.refresh.token_issuer import TokenIssuer
from workers.auth.sign_in.current_sign_in import CurrentSignIn
from workers.auth.sign_in.real_network import RealNetworkSignIn
from workers.auth.sign_in.sign_in_policy import SignInPolicy
from workers.auth.state import auth_state


class AuthRequests:
    """Serves sign-ins, sign-outs and access tokens. Each request waits until the stored tokens are loaded."""

    def __init__(
        self,
        sign_in: CurrentSignIn,
        policy: SignInPolicy,
        pasted: PastedSignIn,
        real: RealNetworkSignIn,
        issuer: TokenIssuer,
    ) -> None:
        self._sign_in = sign_in
        self._policy = policy
        self._pasted = pasted
        self._real = real
        self._issuer = issuer

    def serve(self, bus: Bus) -> None:
        bus.serve(SignIn, self._serve_sign_in)
        bus.serve(SignOut, self._serve_sign_out)
        bus.serve(WhoAmI, self._serve_who_am_i)
        bus.serve(AccessToken, self._serve_access_token)

    async def _serve_sign_in(self, request: SignIn) -> AuthState:
        await self._sign_in.loaded()
        if request.realm == "playstation" and self._real.is_other:
            async with self._sign_in.changing:
                return auth_state(await self._real.sign_in(request.pasted, request.origin), "playstation")
        await self._pasted.sign_in(request.pasted, request.origin)
        return self._sign_in.state()

    async def _serve_sign_out(self, _: SignOut) -> Done:
        """Delete PlayStation's tokens in either realm, and those of the simulator unless they are the demo's."""
        await self._sign_in.loaded()
        async with self._sign_in.changing:
            if self._real.is_other:
                await self._real.forget()
            await self._policy.sign_out()
        return Done(message="Signed out.")

    async def _serve_who_am_i(self, _: WhoAmI) -> SignInInfo:
        await self._sign_in.loaded()
        return SignInInfo(auth=self._sign_in.state(), store=self._sign_in.stored.at, file=self._sign_in.stored.file)

    async def _serve_access_token(self, request: AccessToken) -> Token:
        await self._sign_in.loaded()
        await self._policy.ready()
        return await self._issuer.token(request.rejected)
