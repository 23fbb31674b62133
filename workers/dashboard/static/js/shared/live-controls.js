// The controls that need the connection. Without it they are disabled, but what they show can still be read.
let focused = null;

export function enableControls(on) {
  const fieldsets = [...document.querySelectorAll("fieldset.live")].filter((fieldset) => fieldset.disabled === on);
  if (!fieldsets.length) return;
  if (!on) focused = document.activeElement;
  for (const fieldset of fieldsets) fieldset.disabled = !on;
  if (on && focused?.isConnected && document.activeElement === document.body) focused.focus(); // disabled, it had lost it
}
