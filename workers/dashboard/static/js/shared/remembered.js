// What this browser remembers of a page's own look: which of `known` was chosen, the first one by default.
export function remembered(name, known) {
  const store = `partyline.${name}`;
  let chosen = known[0];
  try {
    const before = localStorage.getItem(store);
    if (known.includes(before)) chosen = before;
  } catch {
    // without storage it is chosen anew with each visit
  }
  return {
    get: () => chosen,
    set(value) {
      chosen = value;
      try {
        localStorage.setItem(store, value);
      } catch {
        // the same
      }
    },
  };
}
