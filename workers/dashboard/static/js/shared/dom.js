// Elements without a framework. They are made once, and changed only where something differs.

/** Make an element: `el("button", {class: "quiet", onclick: f}, "Text", child)`. Text is never read as HTML. */
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && name !== "list") made[name] = value;
    else if (name === "class") made.className = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function text(node, value) {
  if (node.textContent !== value) node.textContent = value;
}

/** Show `words`, with the parts between backticks as code. */
export function rich(node, words) {
  if (node.dataset.words === words) return;
  node.dataset.words = words;
  node.replaceChildren(...words.split("`").map((part, index) => (index % 2 ? el("code", {}, part) : part)));
}

export function attribute(node, name, value) {
  if (value === null || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

export function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible;
}

/** Keep one child of `parent` for each of `items`, in their order. `make(item)` returns `{element, update(item)}`. */
export function keyed(parent, kept, items, keyOf, make) {
  const wanted = new Set();
  let before = null;
  for (const item of items) {
    const key = keyOf(item);
    wanted.add(key);
    if (!kept.has(key)) kept.set(key, make(item));
    const { element, update } = kept.get(key);
    const place = before ? before.nextSibling : parent.firstChild;
    if (place !== element) parent.insertBefore(element, place);
    update(item);
    before = element;
  }
  for (const [key, { element }] of kept) {
    if (!wanted.has(key)) {
      element.remove();
      kept.delete(key);
    }
  }
}

const DETENT = 2; // steps: 3 pixels on the narrowest fader, so one stops at it without aiming and can still pass it

/** Give a select these [value, name] options, and keep what is chosen if it is among them. */
export function options(select, entries) {
  const stamp = JSON.stringify(entries);
  if (select.dataset.stamp === stamp) return;
  const before = select.value;
  select.dataset.stamp = stamp;
  select.replaceChildren(...entries.map(([value, name]) => el("option", { value }, name)));
  if (entries.some(([value]) => value === before)) select.value = before;
}

/**
 * Return a slider that sends at most ten times a second, and that `set` does not move while it is in use. `limit` sets its range.
 * A pointer stops at `detent`; keys go through it step by step. `shown` is told each value that is shown.
 */
export function slider({ step, label, value = 0, onChange, words, detent = null, shown = () => {} }) {
  let busyUntil = 0;
  let timer = 0;
  let held = false;
  const output = el("span", { class: "value" });
  const input = el("input", { type: "range", step, "aria-label": label });
  const show = () => {
    text(output, words(Number(input.value)));
    attribute(input, "aria-valuetext", words(Number(input.value)));
    shown(Number(input.value));
  };
  const send = () => {
    timer = 0;
    onChange(Number(input.value));
  };
  input.value = value;
  input.addEventListener("pointerdown", () => (held = true));
  for (const end of ["pointerup", "pointercancel", "change"]) input.addEventListener(end, () => (held = false));
  input.addEventListener("input", () => {
    if (held && detent !== null && Math.abs(Number(input.value) - detent) <= DETENT * step) input.value = detent;
    busyUntil = performance.now() + 1200;
    show();
    if (!timer) timer = setTimeout(send, 100);
  });
  show();
  const self = {
    input,
    output,
    set(now) {
      if (performance.now() < busyUntil || Number(input.value) === now) return;
      input.value = now;
      show();
    },
    limit({ least, most }) {
      attribute(input, "min", least);
      attribute(input, "max", most);
    },
    /** Move it, as its user would. */
    put(wanted) {
      input.value = wanted;
      input.dispatchEvent(new Event("input"));
    },
    step: (by) => self.put(Number(input.value) + by),
  };
  return self;
}
