import { Player } from "./player.js";

const REPORT_QUANTA = 375; // once a second

class PlayerProcessor extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.player = new Player(processorOptions.targetMs);
    this.quanta = 0;
    this.port.onmessage = ({ data }) => this.player.write(data.boot, data.tick, data.frames, data.gain, data.samples, data.stereo);
  }

  process(inputs, [output]) {
    this.player.read(output[0], output[1] ?? null);
    if (this.quanta++ % REPORT_QUANTA === 0) this.port.postMessage(this.player.figures());
    return true;
  }
}

registerProcessor("partyline-player", PlayerProcessor);
