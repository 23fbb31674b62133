// Plays packets through a Player, in an AudioWorklet or without one. Returns how packets are given to it.
import { Player, RATE } from "./player.js";

const BLOCK = 1024; // samples, 21 ms: the main thread is asked for two of them in advance
const QUANTUM = 128;

/** `onFigures` is called with the player's figures once a second. */
export function openOutput(context, targetMs, onFigures) {
  return context.audioWorklet ? byWorklet(context, targetMs, onFigures) : byMainThread(context, targetMs, onFigures);
}

async function byWorklet(context, targetMs, onFigures) {
  await context.audioWorklet.addModule("/static/js/listen/player-worklet.js");
  const node = new AudioWorkletNode(context, "partyline-player", {
    numberOfInputs: 0,
    outputChannelCount: [2],
    processorOptions: { targetMs },
  });
  node.port.onmessage = ({ data }) => onFigures(data);
  node.connect(context.destination);
  return (packet) => node.port.postMessage(packet, packet.samples ? [packet.samples.buffer] : []);
}

// Browsers have no AudioWorklet on a page that came by plain HTTP from another machine. This node is old, but each
// browser has it, and it is asked by the sound's clock: timers are slowed down on a page that is not shown.
async function byMainThread(context, targetMs, onFigures) {
  const player = new Player(targetMs);
  const node = context.createScriptProcessor(BLOCK, 0, 2);
  const channels = [new Float32Array(QUANTUM), new Float32Array(QUANTUM)];
  let blocks = 0;
  node.onaudioprocess = ({ outputBuffer }) => {
    for (let at = 0; at < BLOCK; at += QUANTUM) {
      player.read(...channels);
      channels.forEach((channel, number) => outputBuffer.copyToChannel(channel, number, at));
    }
    if (blocks++ % Math.round(RATE / BLOCK) === 0) onFigures(player.figures());
  };
  node.connect(context.destination);
  const write = ({ boot, tick, frames, gain, samples, stereo }) => player.write(boot, tick, frames, gain, samples, stereo);
  return Object.assign(write, { node }); // some browsers forget a node that no script refers to
}
