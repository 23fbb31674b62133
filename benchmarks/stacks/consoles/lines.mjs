// What both Node consoles share: JSON lines in and out, and the packets that are sent on time.
import fs from "node:fs";
import readline from "node:readline";

const write = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr); // a library that prints must not break the lines

// Answers each line by what `commands[line.do](line)` resolves to; ends with its input.
export async function serve(commands) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let reply;
    try {
      const asked = JSON.parse(line);
      reply = (await commands[asked.do](asked)) ?? {};
    } catch (error) {
      reply = { error: String(error?.stack ?? error).slice(0, 600) };
    }
    write(`${JSON.stringify(reply)}\n`);
  }
  process.exit(0);
}

export async function until(condition, what) {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 1000) throw new Error(`${what} did not happen within 10 s`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

// Sends the file's packets over and over: [ms from the beginning, payload type, timestamp, marker, base64].
export class Player {
  constructor(file, send) {
    const { duration_ms, packets } = JSON.parse(fs.readFileSync(file, "utf8"));
    this.packets = packets.map(([at, type, timestamp, marker, data]) => ({
      at, type, timestamp, marker, payload: Buffer.from(data, "base64"),
    }));
    this.duration = duration_ms;
    this.send = send;
    this.sequence = Math.floor(Math.random() * 30000);
    this.place = 0;
    this.round = 0;
    this.began = performance.now();
    this.step();
  }

  step() {
    const next = this.packets[this.place];
    const due = this.began + this.round * this.duration + next.at;
    this.timer = setTimeout(() => {
      this.sequence = (this.sequence + 1) & 0xffff;
      const timestamp = (next.timestamp + this.round * this.duration * 48) >>> 0;
      this.send({ ...next, sequence: this.sequence, timestamp });
      this.place += 1;
      if (this.place === this.packets.length) {
        this.place = 0;
        this.round += 1;
      }
      this.step();
    }, Math.max(0, due - performance.now()));
  }

  stop() {
    clearTimeout(this.timer);
  }
}
