// Whether somebody is about to use the rows: a pointer over them or held, or a finger or a key a moment ago.
const AFTER_MS = 3000; // from lifting a finger to putting it down again

export function inUse(list) {
  let over = false;
  let down = false;
  let last = -Infinity;
  const used = () => (last = performance.now());
  list.addEventListener("pointerenter", ({ pointerType }) => (over = pointerType !== "touch"));
  list.addEventListener("pointerleave", () => (over = false));
  list.addEventListener("pointerdown", () => (down = true));
  list.addEventListener("keydown", used);
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => {
      if (down) used();
      down = false;
    });
  }
  return () => over || down || performance.now() - last < AFTER_MS;
}
