"""The settings' tables, with an explanation of every key. `common.config.settings` reads them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from common.basic.values import MOST_OUTPUTS, DelayMs, GainDb, Latency, OutputName, SinkKind
from common.config.further_output import FurtherOutput
from common.config.integration_tables import (
    IntegrationsSettings,
    MqttSettings,
    ObsRulesSettings,
    OscSettings,
    StreamerbotSettings,
    VeadotubeSettings,
    WebhooksSettings,
)
from common.config.machine_tables import (
    DoctorSettings,
    LogSettings,
    PeersSettings,
    SimulatorSettings,
    SplitSettings,
    SystemSettings,
)
from common.config.recorder_tables import ClipSettings, RecorderSettings
from common.config.settings_table import SettingsTable
from common.log.secret import Secret

Channel = Annotated[int, msgspec.Meta(ge=3, le=64)]


class PsnSettings(SettingsTable, frozen=True, kw_only=True):
    """Sony's hosts, identities, versions, and the pace of calls. notes/ grades the defaults."""

    realm: Literal["simulator", "playstation"] = "simulator"
    """The network: the simulator on this machine, or the servers in the URLs below."""
    account_url: str = "https://ca.account.sony.com"
    """Sign-in and tokens."""
    mobile_url: str = "https://m.np.playstation.com"
    """Parties, their members and their messages."""
    web_url: str = "https://web.np.playstation.com"
    """Target of share links."""
    dms_url: str = "https://dms.api.playstation.com"
    """Devices of the account, and who is signed in."""
    profile_url: str = "https://us-prof.np.community.playstation.net"
    """Account ids by online id."""
    party_link_url: str = "https://party.playstation.com"
    """Base of share links."""
    push_url: str = "https://mobile-pushcl.np.communication.playstation.net"
    """Base of `/np/serveraddr`."""
    push_socket_url: str = "wss://{fqdn}/np/pushNotification"
    """`{fqdn}` is what serveraddr answered."""
    client_id: str = "09515159-7237-4370-9b40-3806e67c0891"
    """The app's OAuth client."""
    client_secret: Secret = "ucPjka5tntB2KqsP"  # noqa: S105  # the app's public constant, as psnawp publishes it
    """Its secret."""
    scope: str = "psn:mobile.v2.core psn:clientapp"
    """Scope of the tokens."""
    redirect_uri: str = "com.scee.psxandroid.scecompcall://redirect"
    """Where the sign-in page redirects with the code. Partyline does not listen there."""
    sso_cookie_path: str = "/api/v1/ssocookie"
    """Page of the account host that shows a signed-in user their NPSSO."""
    sign_in_url: str = "https://www.playstation.com"
    """Sign-in page for the browser. It is shown and opened, never called."""
    app_version: str = "26.1.0"
    """`X-PSN-APP-VER` of the push channel."""
    rest_app_version: str = "PlayStationApp-Android/26.1.0"
    """`x-psn-app-ver` of REST calls [seen]."""
    user_agent: str = "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/AP2A.240805.005)"
    """`User-Agent` of calls to m.np. The app's native side sends the system's default [seen]."""
    native_headers: Literal["auto", "bare", "full"] = "auto"
    """Headers of native calls: none of `x-psn-*` (`bare`), all of them (`full`), or those accepted (`auto`)."""
    os_version: str = "14"
    """`X-PSN-OS-VER`."""
    app_type: str = "MOBILE_APP.PSAPP"
    """`X-PSN-APP-TYPE` of the push channel."""
    rtc_title_id: str = "METROPOL_AND"
    """`X-PSN-RTC-TITLE-ID` of calls to rtcBridge."""
    picture_hosts: tuple[str, ...] = ("playstation.net", "playstation.com")
    """Domains, with their subdomains, from which members' pictures may be fetched by https."""
    platform: str = "MOBILE_APP"
    """Our own platform in a party. Its code goes into the miranda frame."""
    push_protocol: Literal["3.0", "2.1"] = "3.0"
    """WebSocket subprotocol to try first."""
    push_fallback: Literal["2.1", ""] = "2.1"
    """Subprotocol to try when the first is refused, or empty for none."""
    keep_alive_type: int = 6
    """keepAliveStatusType of protocol 3.0 outside a party and on connecting: 6 is idle [app]."""
    keep_alive_type_party: int = 3
    """The same in a party: 3 is voice chat [app]."""
    keep_alive_type_2_1: int = 3
    """keepAliveStatusType of protocol 2.1 [seen]."""
    keep_alive_s: float = 0.0
    """Ping interval in seconds, or 0 for the server's value."""
    push_open_every_s: Annotated[float, msgspec.Meta(gt=0)] = 75.0
    """Seconds between push connections that keep failing."""
    push_open_burst: Annotated[int, msgspec.Meta(ge=1)] = 5
    """Connections allowed before that interval applies. The defaults allow at most 6 a minute and 53 an hour
    (`benchmarks.party.push`)."""
    push_answer_s: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    """Time limit for the push server's answer to a frame (methods 1003 and 1007) [app]."""
    connect_timeout_s: float = 10.0
    """Time limit for the TCP and TLS connection of a call."""
    request_timeout_s: float = 20.0
    """Time limit for a call's answer."""
    calls_per_s: Annotated[float, msgspec.Meta(gt=0)] = 0.25
    """Average rate of REST calls of all workers together (psnawp allows one in 3 s)."""
    call_burst: Annotated[int, msgspec.Meta(ge=1)] = 60
    """Calls allowed at once before that rate applies, enough to join a party of 16. Both keep every 15 minutes below
    300 calls, the limit that an account is said to have [seen]."""
    rate_limit_s: float = 60.0
    """Pause of calls to that host after a 429 without a time."""
    block_s: float = 3600.0
    """Pause of all calls after the page that says that this address is blocked (it may last a week [seen])."""
    retries: Annotated[int, msgspec.Meta(ge=1)] = 4
    """Attempts of a call that meets a 5xx or a network fault."""
    backoff_max_s: float = 60.0
    """The longest wait between two attempts."""
    refresh_before_s: float = 600.0
    """How long before it expires the access token is refreshed."""
    warn_before_days: float = 3.0
    """How many days before the refresh token expires the user is asked to sign in again."""
    country: str = "US"
    """Two letters, for the headers and for a share link's lookup."""
    language: str = "en"
    """Two letters, likewise."""


class AuthSettings(SettingsTable, frozen=True, kw_only=True):
    store: Literal["keychain", "file"] = "keychain"
    """Token store. A keychain that cannot be opened falls back to the 0600 file, and a problem reports it."""


class IceSettings(SettingsTable, frozen=True, kw_only=True):
    stun_servers: tuple[str, ...] = (
        "stun:stun.cloudflare.com:3478",
        "stun:stun.l.google.com:19302",
        "stun:stun.nextcloud.com:3478",
    )
    """Servers asked in parallel for our own public address. With local PSN servers, only local ones are asked."""
    stun_timeout_s: float = 1.5
    """Time limit of the STUN servers."""
    ipv6: bool = True
    """Offer IPv6 candidates."""
    loopback: bool | None = None
    """Offer 127.0.0.1 as a candidate. None means only with local PSN servers."""


class SignalingSettings(SettingsTable, frozen=True, kw_only=True):
    channel: str = "miranda:12"
    """`customMessage.channel` of offers and answers [seen]."""
    transports: Annotated[tuple[Literal["auto", "miranda", "bridge", "socketio"], ...], msgspec.Meta(min_length=1)] = (
        "auto",
    )
    """Transports for offers and answers, the preferred one first: `miranda` (customMessages between members),
    `socketio` (your own relay), `bridge` (Sony's relay, made at once if the party has none). `auto` is `miranda`, with
    a bridge for members that it does not reach."""
    make_bridges: bool = True
    """With `auto`: make a bridge for a member that is not reached, and remove it once the member is. Otherwise only the
    party's existing bridges are used."""
    bridge_after_s: Annotated[float, msgspec.Meta(ge=1)] = 30.0
    """How long a member is without a connection before a bridge is made."""
    socketio_url: str = ""
    """URL of the relay, e.g. `wss://relay.example:5000`. Plain `ws://` is for loopback only."""


class SessionSettings(SettingsTable, frozen=True, kw_only=True):
    follow_every_s: Annotated[float, msgspec.Meta(ge=1)] = 60.0
    """Least time between looks of `partyline follow` for its person, up to five times as long while they are away."""
    rejoin_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 900.0
    """Rejoin a party that dropped us if we were away (asleep, no network) for less than this. 0 means never."""


class MediaSettings(SettingsTable, frozen=True, kw_only=True):
    offer_after_s: float = 4.0
    """How long to wait for the offer of a member who joined before us. Members who join later get our offer at once."""
    answer_timeout_s: float = 6.0
    """Time until an unanswered local offer is repeated, then with backoff."""
    connect_timeout_s: float = 15.0
    """Time limit for a connection. It is then negotiated again."""
    latency: Latency = "balanced"
    """What the delay is for. `low`: to talk back; it plays sooner, with rare stalls and single losses audible.
    `balanced`: to talk and to be recorded. `smooth`: to listen or record without an answer; it waits for nearly
    everything, and plays late words rather than none. `steady`: for OBS with a camera; all talkers have one delay,
    which changes only while nobody speaks, and OBS's sync offset follows it."""
    max_delay_ms: Annotated[int, msgspec.Meta(ge=20, le=1000)] | None = None
    """Maximum of the adaptive playout delay, 20 … 1000. Unset means by `latency`: 200, 500, 1000 and 500."""
    min_delay_ms: int = 0
    """Minimum of the playout delay."""
    try_forms: bool = True
    """Try other forms of offers and answers, one after the other, with a member that does not connect. False means
    only the usual one."""


class AudioSettings(SettingsTable, frozen=True, kw_only=True):
    sink: SinkKind = "device"
    """Where the mix goes. `null` means nowhere, but the mix is still made."""
    device: str = ""
    """Part of the output device's name, or empty for the system's default."""
    file: str = ""
    """WAV path of the file sink, relative to `$PARTYLINE_HOME`. Empty means `party.wav`."""
    latency_ms: Annotated[float, msgspec.Meta(ge=1, le=1000)] = 20.0
    """Latency requested from the device, 1 … 1000. On a Mac at least its own latency and 10 ms."""
    keep_open: bool = False
    """Keep the sound device open without a party, for one that takes long to start. Otherwise it is opened when a party
    is joined and closed a minute after the last one, so that the machine and Bluetooth headphones can sleep."""
    queue_ms: Annotated[int, msgspec.Meta(ge=10, le=500)] = 20
    """Queue before the mixer at first, 10 … 500. After half a minute it is as long as late frames and the device's
    block need, and longer by what this is above 20."""
    gain_db: GainDb = 0.0
    """Master gain. `partyline master` overrides this and the next three."""
    newcomer_gain_db: GainDb = 0.0
    """Gain of talkers without a chosen one."""
    delay_ms: DelayMs = 0.0
    """Delay of the mix, to match a video."""
    levelling: bool = False
    """Bring quiet and loud talkers to one loudness."""
    level_lufs: Annotated[float, msgspec.Meta(ge=-40, le=-10)] = -23.0
    """Target loudness by ITU-R BS.1770, -40 … -10."""
    duck_db: Annotated[float, msgspec.Meta(ge=-80, le=0)] = -45.0
    """Peak of a talker in dBFS from which the party counts as speaking (message `Ducking`), -80 … 0."""
    routes: dict[str, Channel | tuple[Channel, ...]] = msgspec.field(default_factory=dict)
    """Online id or account id → channel(s) of the device, counted from 1, that carry only this talker, with its gain.
    The mix stays on 1 and 2. E.g. `routes = { "Bo-Streams" = 3, "Cy" = [4, 5] }`."""
    outputs: Annotated[dict[OutputName, FurtherOutput], msgspec.Meta(max_length=MOST_OUTPUTS - 1)] = msgspec.field(
        default_factory=dict
    )
    """Further sound devices that play the mix at the same time, by a name of your choice. `partyline output` manages
    them too. E.g. `outputs = { obs = { device = "BlackHole", gain_db = -3, delay_ms = 120 } }`."""


class DashboardSettings(SettingsTable, frozen=True, kw_only=True):
    """The page, OBS' pages and `/metrics`."""

    listen: str = "127.0.0.1"
    """Address to listen on. Anything but loopback (`0.0.0.0`: every network) lets other devices in, by https only and
    with a key. `partyline https on` sets it. This machine is always served on loopback."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8770
    """TCP port of the pages."""
    open_browser: bool = True
    """Open the guide in a browser at the end of `partyline up`, if it was started in a terminal on a desktop."""
    avatars: bool = True
    """Ask PlayStation for members' pictures while a page is open. One call covers all new members. Pictures are cached
    for a week. Local ones (`avatars/<online id>.png` in `$PARTYLINE_HOME`) are always shown, and take precedence."""


class ApiSettings(SettingsTable, frozen=True, kw_only=True):
    """The API for other programs, on the dashboard's port. Its keys are made with `partyline api key add`."""

    origins: tuple[str, ...] = ()
    """Origins of other sites whose pages may call it, e.g. `["http://localhost:3000"]`. Programs need no entry."""


class ObsSettings(SettingsTable, frozen=True, kw_only=True):
    """Where OBS listens (Tools → WebSocket Server Settings). `partyline obs` and `obs_rules` read it."""

    host: str = "127.0.0.1"
    """Name or address of OBS's machine."""
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    """TCP port. 0 means the port in OBS's settings on this machine, else 4455."""
    password: Secret = ""
    """Password, or empty for the one in OBS's settings on this machine."""


class Settings(SettingsTable, frozen=True, kw_only=True):
    psn: PsnSettings = PsnSettings()
    auth: AuthSettings = AuthSettings()
    ice: IceSettings = IceSettings()
    signaling: SignalingSettings = SignalingSettings()
    session: SessionSettings = SessionSettings()
    media: MediaSettings = MediaSettings()
    audio: AudioSettings = AudioSettings()
    dashboard: DashboardSettings = DashboardSettings()
    api: ApiSettings = ApiSettings()
    recorder: RecorderSettings = RecorderSettings()
    clip: ClipSettings = ClipSettings()
    obs: ObsSettings = ObsSettings()
    doctor: DoctorSettings = DoctorSettings()
    system: SystemSettings = SystemSettings()
    integrations: IntegrationsSettings = IntegrationsSettings()
    peers: PeersSettings = PeersSettings()
    split: SplitSettings = SplitSettings()
    osc: OscSettings = OscSettings()
    obs_rules: ObsRulesSettings = ObsRulesSettings()
    veadotube: VeadotubeSettings = VeadotubeSettings()
    streamerbot: StreamerbotSettings = StreamerbotSettings()
    webhooks: WebhooksSettings = WebhooksSettings()
    mqtt: MqttSettings = MqttSettings()
    simulator: SimulatorSettings = SimulatorSettings()
    log: LogSettings = LogSettings()
