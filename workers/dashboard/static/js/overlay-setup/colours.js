// Colours as the overlay's address has them (rgb, rgba, rrggbb, rrggbbaa), and as a form has them. Pure.

/** Return {colour: "#rrggbb", percent} of an address' colour. */
export function partsOf(hex) {
  const long = hex.length < 6 ? [...hex].map((digit) => digit + digit).join("") : hex;
  const alpha = long.length === 8 ? Number.parseInt(long.slice(6), 16) : 255;
  return { colour: `#${long.slice(0, 6)}`, percent: Math.round((alpha / 255) * 100) };
}

/** Return an address' colour. */
export function hexOf(colour, percent) {
  const alpha = Math.round((percent / 100) * 255);
  return colour.slice(1) + (alpha === 255 ? "" : alpha.toString(16).padStart(2, "0"));
}
