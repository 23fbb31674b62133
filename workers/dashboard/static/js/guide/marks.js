// What only the person knows, kept in this browser: "I have an account", "none of them is me", "skipped".
const STORE = "partyline.guide";

export class Marks {
  constructor() {
    this.marks = read();
  }

  has(name) {
    return this.marks.includes(name);
  }

  set(name, on) {
    const others = this.marks.filter((mark) => mark !== name);
    this.marks = on ? [...others, name] : others;
    try {
      localStorage.setItem(STORE, JSON.stringify(this.marks));
    } catch {
      // without storage they last until the page is reloaded
    }
  }
}

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE) ?? "[]");
    return Array.isArray(kept) ? kept.filter((mark) => typeof mark === "string") : [];
  } catch {
    return [];
  }
}
