// A face in the preview is dragged to a place of its own. The keyboard has the fields of its row for that.
const STEADY_PX = 4; // a shorter way is a click

/** `onPlace(account, {x, y})` hears the place in percent, as `choices.js` has it. */
export function faceDrag(root, view, onPlace) {
  let drag = null;

  root.addEventListener("pointerdown", (event) => {
    const element = event.target.closest(".person");
    const account = element && view.people.accountOf(element);
    if (!account) return;
    const box = element.getBoundingClientRect();
    drag = { element, account, from: { x: event.clientX, y: event.clientY }, inside: { x: event.clientX - box.left, y: event.clientY - box.top }, moved: false };
    root.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  root.addEventListener("pointermove", (event) => {
    if (!drag) return;
    drag.moved ||= Math.hypot(event.clientX - drag.from.x, event.clientY - drag.from.y) > STEADY_PX;
    if (drag.moved) onPlace(drag.account, placeOf(event, drag, root));
  });
  for (const kind of ["pointerup", "pointercancel"]) root.addEventListener(kind, () => (drag = null));
}

function placeOf({ clientX, clientY }, { element, inside }, root) {
  const [all, own] = [root.getBoundingClientRect(), element.getBoundingClientRect()];
  const share = (at, from, room) => (room > 0 ? Math.round(Math.min(1, Math.max(0, (at - from) / room)) * 100) : 0);
  return {
    x: share(clientX - inside.x, all.left, all.width - own.width),
    y: share(clientY - inside.y, all.top, all.height - own.height),
  };
}
