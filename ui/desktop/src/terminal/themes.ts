// Colours of terminals. "Luumen" follows the app's theme; the others stay as they are in both.
import type { ITheme } from "@xterm/xterm";

export interface TerminalTheme {
  id: string;
  name: string;
  /** Least contrast between text and ground; the terminal lifts what is below it. 1 leaves all as the host says. */
  contrast: number;
  theme: (dark: boolean) => ITheme;
}

const always = (theme: ITheme) => () => theme;

const NIGHT: ITheme = {
  background: "#121518",
  foreground: "#dfe4e8",
  cursor: "#93a8ff",
  cursorAccent: "#121518",
  selectionBackground: "#3b4a7a",
  black: "#2c3339",
  red: "#ff7b72",
  green: "#52c48e",
  yellow: "#dcbf4f",
  blue: "#7ea6ff",
  magenta: "#d99bf5",
  cyan: "#53c7da",
  white: "#c3cad1",
  brightBlack: "#7c8791",
  brightRed: "#ff9d96",
  brightGreen: "#7fdcae",
  brightYellow: "#f2d97b",
  brightBlue: "#a5c1ff",
  brightMagenta: "#e8bdfb",
  brightCyan: "#86deeb",
  brightWhite: "#f5f7f9",
};

const DAY: ITheme = {
  background: "#ffffff",
  foreground: "#1a2027",
  cursor: "#3a56c5",
  cursorAccent: "#ffffff",
  selectionBackground: "#c9d4fb",
  black: "#1a2027",
  red: "#b3261e",
  green: "#1a7a49",
  yellow: "#806200",
  blue: "#2f48ab",
  magenta: "#8a2b86",
  cyan: "#0b7083",
  white: "#5f6972",
  brightBlack: "#626c76",
  brightRed: "#c1272d",
  brightGreen: "#1f7f4e",
  brightYellow: "#8a6a00",
  brightBlue: "#3a56c5",
  brightMagenta: "#9c3597",
  brightCyan: "#0d7488",
  brightWhite: "#4a545e",
};

const CONTRAST: ITheme = {
  ...NIGHT,
  background: "#000000",
  foreground: "#ffffff",
  cursor: "#ffff00",
  cursorAccent: "#000000",
  selectionBackground: "#0050a0",
  brightBlack: "#a8b2bb",
};

const CONTRAST_LIGHT: ITheme = { ...DAY, foreground: "#000000", cursor: "#000000", selectionBackground: "#a9c4ff" };

const SOLARIZED = {
  black: "#073642",
  red: "#dc322f",
  green: "#859900",
  yellow: "#b58900",
  blue: "#268bd2",
  magenta: "#d33682",
  cyan: "#2aa198",
  white: "#eee8d5",
  brightBlack: "#586e75",
  brightRed: "#cb4b16",
  brightGreen: "#586e75",
  brightYellow: "#657b83",
  brightBlue: "#839496",
  brightMagenta: "#6c71c4",
  brightCyan: "#93a1a1",
  brightWhite: "#fdf6e3",
};

const AMBER: ITheme = {
  ...NIGHT,
  background: "#16120b",
  foreground: "#f3d9a8",
  cursor: "#ffb454",
  cursorAccent: "#16120b",
  selectionBackground: "#59411a",
  white: "#dcc396",
  brightBlack: "#978467",
};

export const TERMINAL_THEMES: readonly TerminalTheme[] = [
  { id: "luumen", name: "Luumen (follows the app)", contrast: 1, theme: (dark) => (dark ? NIGHT : DAY) },
  { id: "night", name: "Night", contrast: 1, theme: always(NIGHT) },
  { id: "day", name: "Day", contrast: 1, theme: always(DAY) },
  { id: "contrast", name: "High contrast (follows the app)", contrast: 7, theme: (dark) => (dark ? CONTRAST : CONTRAST_LIGHT) },
  {
    id: "solarized_dark",
    name: "Solarized dark",
    contrast: 1,
    theme: always({ ...SOLARIZED, background: "#002b36", foreground: "#93a1a1", cursor: "#93a1a1", selectionBackground: "#0a4554" }),
  },
  {
    id: "solarized_light",
    name: "Solarized light",
    contrast: 1,
    theme: always({ ...SOLARIZED, background: "#fdf6e3", foreground: "#586e75", cursor: "#586e75", selectionBackground: "#e6dfc8" }),
  },
  { id: "amber", name: "Amber", contrast: 1, theme: always(AMBER) },
];

export function terminalTheme(id: string): TerminalTheme {
  return TERMINAL_THEMES.find((theme) => theme.id === id) ?? (TERMINAL_THEMES[0] as TerminalTheme);
}

/** The fonts that are offered; a person may name another, and what is not installed falls back to ours. */
export const FONTS = ["JetBrains Mono Variable", "DejaVu Sans Mono", "Cascadia Mono", "Fira Code", "Menlo", "Consolas", "monospace"] as const;

const LONGEST_FONT = 100;

/** A typed font as it is kept: a name and nothing that could end it in a style; null when nothing is left of it. */
export function fontName(typed: string): string | null {
  const name = typed
    .replace(/["'\\;{}]|\p{Cc}/gu, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, LONGEST_FONT)
    .trim();
  return name === "" ? null : name;
}

export function fontFamily(font: string): string {
  const first = font && font !== "monospace" ? `"${font.replaceAll('"', "")}", ` : "";
  return `${first}"JetBrains Mono Variable", "Noto Sans Mono CJK SC", ui-monospace, monospace`;
}
