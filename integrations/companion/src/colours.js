// Colours of buttons. White text is readable on all of them.
import { combineRgb } from "@companion-module/base";

export const WHITE = combineRgb(255, 255, 255);
export const BLACK = combineRgb(0, 0, 0);
export const RED = combineRgb(176, 32, 32);
export const GREEN = combineRgb(26, 115, 50);
export const AMBER = combineRgb(150, 86, 0);
export const BLUE = combineRgb(24, 94, 165);
export const GREY = combineRgb(70, 74, 80);
