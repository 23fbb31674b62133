// A custom module of Open Stage Control: a MIDI controller with faders moves partyline's, and motor faders follow.
// Server options: custom-module = this file; midi = desk:NAME,NAME; osc-port = 9001.
// Control change 1 … 16 of channel 1 are the faders of places 1 … 16, 17 the mix. Notes 1 … 16 mute, 17 … 32 solo.
// Change these lines for another controller.
/* global send -- Open Stage Control's */
const HOST = "127.0.0.1";
const PORT = 8771;
const OWN_PORT = 9001; // `osc-port`
const DEVICE = "desk";
const CHANNEL = 1;
const STRIPS = 16;
const MIX = STRIPS + 1;

const toFader = (control) => (control === MIX ? "/partyline/master/fader" : `/partyline/talker/${control}/fader`);

/** Return what a MIDI message means for partyline: [address, argument], or null. */
function fromMidi(address, [channel, number, value]) {
  if (channel !== CHANNEL || !(number >= 1)) return null;
  if (address === "/control" && number <= MIX) return [toFader(number), { type: "f", value: value / 127 }];
  if (address !== "/note" || value === 0) return null; // a key that is let go
  if (number <= STRIPS) return [`/partyline/talker/${number}/mute/toggle`, { type: "i", value: 1 }];
  if (number <= 2 * STRIPS) return [`/partyline/talker/${number - STRIPS}/solo/toggle`, { type: "i", value: 1 }];
  return null;
}

/** Return the MIDI message that shows a value of partyline's on the controller, or null. */
function toMidi(address, value) {
  const [, talker, what] = address.match(/^\/partyline\/talker\/(\d+)\/(fader|mute|solo)$/) ?? [];
  const place = Number(talker);
  if (address === toFader(MIX)) return ["/control", CHANNEL, MIX, Math.round(value * 127)];
  if (!what || place > STRIPS) return null;
  if (what === "fader") return ["/control", CHANNEL, place, Math.round(value * 127)];
  return ["/note", CHANNEL, what === "mute" ? place : place + STRIPS, value ? 127 : 0];
}

module.exports = {
  init() {
    const register = () => send(HOST, PORT, "/partyline/register", { type: "i", value: OWN_PORT });
    register();
    setInterval(register, 60000); // also after a restart of partyline
  },
  oscInFilter(data) {
    const { address, args, host } = data;
    const values = args.map((one) => one.value);
    if (host === "midi") {
      const found = fromMidi(address, values);
      if (found) send(HOST, PORT, ...found);
      return found ? undefined : data;
    }
    const shown = toMidi(address, values[0]);
    if (shown) send("midi", DEVICE, ...shown);
    return data;
  },
};
