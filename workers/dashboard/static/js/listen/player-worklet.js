import { Player } from "./player.js";

const REPORT_QUANTA = 375; // once a second

class PlayerProcessor extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.player = new Player(processorOptions.targetMs);
    this.mono = new Float32Array(128);
    this.quanta = 0;
    this.port.onmessage = ({ data }) => this.player.write(data.boot, data.tick, data.frames, data.gain, data.samples);
  }

  process(inputs, [output]) {
    if (output[0].length !== this.mono.length) this.mono = new Float32Array(output[0].length);
    this.player.read(this.mono);
    for (const channel of output) channel.set(this.mono);
    if (this.quanta++ % REPORT_QUANTA === 0) this.port.postMessage(this.player.figures());
    return true;
  }
}

registerProcessor("partyline-player", PlayerProcessor);
