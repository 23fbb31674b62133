// Plays packets on the page's own clock: a jitter buffer that is resampled by parts per million. No I/O, no clock.
//
// The buffer's smoothed fill is held at `target`. The ratio follows the error, at most MAX_PPM. In silence the fill is
// corrected at once. After an underrun it fades out, waits until the fill reaches the target, and raises the target.
export const RATE = 48000;
const FRAME = RATE / 100; // samples in 10 ms
export const MAX_PPM = 2000;
const QUANTUM = 128;
const CAPACITY = 1 << 17; // 2.7 s
const MASK = CAPACITY - 1;
const FADE = 96; // 2 ms
const SMOOTH_S = 2;
const GAIN_PER_S = 0.05; // an error of 10 ms is corrected at 500 ppm
const EXCESS = RATE * 0.25; // more than that above the target is dropped, because the page was suspended
const SKIP = RATE * 0.015; // this far from the target, silence is cut or stretched
const MORE = RATE * 0.015;
const MOST = RATE * 0.3;
const CALM_S = 5; // without an underrun for this time, the target falls by 1 ms

export class Player {
  constructor(targetMs = 60) {
    this.base = (targetMs * RATE) / 1000;
    this.target = this.base;
    this.rings = [new Float32Array(CAPACITY), new Float32Array(CAPACITY)]; // left and right
    this.wideUntil = 0; // before this, left and right differ
    this.written = 0;
    this.position = 0;
    this.smooth = this.target;
    this.playing = false;
    this.fadeIn = 0;
    this.calm = 0;
    this.gain = 1;
    this.boot = -1;
    this.tick = -1;
    this.ppm = 0;
    this.underruns = 0;
    this.dropped = 0; // samples
    this.lost = 0; // frames that never came
    this.played = 0; // samples that sounded
  }

  get fill() {
    return this.written - this.position;
  }

  /** Add `frames` × 10 ms of samples (Int16Array, pairs of left and right if `stereo`), or null for silence, to be played at `gain`. */
  write(boot, tick, frames, gain, samples, stereo = false) {
    const follows = boot === this.boot && tick === this.tick;
    if (boot === this.boot && tick > this.tick) this.lost += tick - this.tick;
    const count = frames * FRAME;
    if (this.fill + count > CAPACITY - RATE / 4) this.jump();
    if (!follows && this.written) this.endSoftly();
    const from = follows ? this.gain : gain; // else a muted talker would begin with 20 ms of sound
    const [left, right] = this.rings;
    for (let i = 0; i < count; i++) {
      let factor = (from + ((gain - from) * (i + 1)) / count) / 32768;
      if (!follows && i < FADE) factor *= i / FADE;
      const place = (this.written + i) & MASK;
      left[place] = samples ? samples[stereo ? 2 * i : i] * factor : 0;
      right[place] = samples ? samples[stereo ? 2 * i + 1 : i] * factor : 0;
    }
    this.written += count;
    if (stereo) this.wideUntil = this.written;
    this.gain = gain;
    this.boot = boot;
    this.tick = tick + frames;
  }

  /** Fade out what is buffered over 2 ms, because what comes does not continue it. */
  endSoftly() {
    const count = Math.min(FADE, Math.floor(this.fill) - 4);
    for (const ring of this.rings) {
      for (let i = 1; i <= count; i++) ring[(this.written - i) & MASK] *= (i - 1) / count;
    }
  }

  /** Fill `out`, and `right` if there is one (a quantum of 128 samples each). */
  read(out, right = null) {
    if (!this.playing) {
      out.fill(0);
      right?.fill(0);
      if (this.fill < this.target) return;
      this.start();
    }
    if (this.fill > this.target + EXCESS) this.jump();
    if (this.fill < 2 * QUANTUM + 4) {
      this.fadeOut(out, right);
      return;
    }
    this.follow(out.length);
    this.interpolate(out, right, 1 + this.ppm / 1e6);
  }

  start() {
    this.playing = true;
    this.fadeIn = 0;
    this.smooth = this.fill;
  }

  /** Adjust the ratio so that the fill returns to the target. */
  follow(count) {
    this.smooth += (this.fill - this.smooth) * (count / RATE / SMOOTH_S);
    const error = this.smooth - this.target;
    this.ppm = Math.max(-MAX_PPM, Math.min(MAX_PPM, (error / RATE) * GAIN_PER_S * 1e6));
    this.calm += count;
    if (this.calm > CALM_S * RATE) {
      this.calm = 0;
      this.target = Math.max(this.base, this.target - RATE / 1000);
    }
    if (Math.abs(error) > SKIP && this.silentFor(2 * count)) {
      const step = error > 0 ? count : -count / 2;
      this.position += step;
      this.smooth -= step;
    }
  }

  silentFor(count) {
    if (this.fill < count + 4) return false;
    const first = Math.floor(this.position);
    for (let i = -count; i < count + 2; i++) if (this.rings.some((ring) => ring[(first + i) & MASK] !== 0)) return false;
    return true;
  }

  interpolate(out, right, ratio) {
    const begin = this.position;
    const fadeIn = this.fadeIn;
    this.channel(this.rings[0], out, ratio);
    if (right !== null && begin > this.wideUntil + 4) right.set(out);
    else if (right !== null) {
      this.position = begin;
      this.fadeIn = fadeIn;
      this.channel(this.rings[1], right, ratio);
    }
    for (let i = 0; i < out.length; i++) if (out[i] !== 0 || right?.[i]) this.played++;
  }

  channel(ring, out, ratio) {
    let position = this.position;
    for (let i = 0; i < out.length; i++) {
      const whole = Math.floor(position);
      const t = position - whole;
      const a = ring[(whole - 1) & MASK];
      const b = ring[whole & MASK];
      const c = ring[(whole + 1) & MASK];
      const d = ring[(whole + 2) & MASK];
      const slope = (c - a) / 2;
      const curve = a - 2.5 * b + 2 * c - 0.5 * d;
      let value = ((((d - a) / 2 + 1.5 * (b - c)) * t + curve) * t + slope) * t + b;
      if (this.fadeIn < FADE) value *= this.fadeIn++ / FADE;
      out[i] = value;
      position += ratio;
    }
    this.position = position;
  }

  fadeOut(out, right) {
    this.interpolate(out, right, 1);
    for (let i = 0; i < out.length; i++) {
      out[i] *= 1 - i / out.length;
      if (right !== null) right[i] *= 1 - i / out.length;
    }
    this.playing = false;
    this.underruns++;
    this.calm = 0;
    this.target = Math.min(MOST, this.target + MORE);
  }

  /** Drop what is too old to be played, and fade in. */
  jump() {
    const to = Math.max(this.position, this.written - this.target);
    this.dropped += to - this.position;
    this.position = to;
    this.smooth = this.fill;
    this.fadeIn = 0;
  }

  /** Return the figures for the page and the tests. */
  figures() {
    const ms = (samples) => Math.round((samples / RATE) * 10000) / 10;
    return {
      playing: this.playing,
      fill_ms: ms(this.smooth),
      target_ms: ms(this.target),
      ppm: Math.round(this.ppm),
      underruns: this.underruns,
      dropped_ms: ms(this.dropped),
      lost: this.lost,
      played_ms: ms(this.played),
    };
  }
}
