// How terminals look and behave, and the session log.
import type { contract } from "@luumen/backend";
import { CodeLines, Panel } from "@luumen/kit";
import { Autocomplete, NumberInput, SegmentedControl, Select, Switch, useComputedColorScheme, type ComboboxParsedItem } from "@mantine/core";
import { useState } from "react";

import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { SHELL_MARKS, type MarkedShell } from "../terminal/shellMarks";
import { FONTS, fontFamily, fontName, TERMINAL_THEMES, terminalTheme } from "../terminal/themes";

export function TerminalTab() {
  const desk = useDesk();
  const preferences = useStore(desk.preferences);
  const set = (change: Partial<contract.Preferences>) => void desk.prefer(change);
  return (
    <>
      <Panel title="Terminal">
        <div className="setting">
          <Select
            size="xs"
            label="Colours"
            allowDeselect={false}
            comboboxProps={{ transitionProps: { duration: 0 } }}
            data={TERMINAL_THEMES.map(({ id, name }) => ({ value: id, label: name }))}
            value={terminalTheme(preferences.terminal_theme).id}
            onChange={(value) => value && set({ terminal_theme: value })}
          />
          <Sample preferences={preferences} />
        </div>
        <div className="setting">
          <FontField value={preferences.font} onChange={(font) => set({ font })} />
          <Numeric label="Size" min={8} max={32} value={preferences.font_size} onChange={(font_size) => set({ font_size })} />
          <Numeric label="Scrollback lines" min={0} max={200_000} step={1000} value={preferences.scrollback} onChange={(scrollback) => set({ scrollback })} />
        </div>
        <div className="setting">
          <span id="renderer">
            Drawn by <span className="faint small">the graphics card is quicker; the page works everywhere</span>
          </span>
          <SegmentedControl
            size="xs"
            aria-labelledby="renderer"
            value={preferences.renderer}
            onChange={(next) => set({ renderer: next as contract.Preferences["renderer"] })}
            data={[
              { value: "dom", label: "The page" },
              { value: "webgl", label: "Graphics card" },
            ]}
          />
        </div>
        <Toggle label="Screen reader" hint="What a host writes is read aloud" checked={preferences.screen_reader} onChange={(screen_reader) => set({ screen_reader })} />
        <Toggle label="Copy what is selected at once" checked={preferences.copy_on_select} onChange={(copy_on_select) => set({ copy_on_select })} />
        <Toggle
          label="Look before pasting"
          hint="Asks when a text has several lines, hidden characters, or fetches a script and runs it"
          checked={preferences.paste_guard}
          onChange={(paste_guard) => set({ paste_guard })}
        />
        <Toggle label="Show the bell" hint="The edge lights up; there is never a sound" checked={preferences.bell === "visual"} onChange={(on) => set({ bell: on ? "visual" : "none" })} />
      </Panel>
      <Panel title="Session log" note="May be changed for each group, host and session">
        <div className="setting">
          <span id="log-default">Record new sessions</span>
          <SegmentedControl
            size="xs"
            aria-labelledby="log-default"
            value={preferences.log_default}
            onChange={(next) => set({ log_default: next as contract.LogMode })}
            data={[
              { value: "off", label: "Off" },
              { value: "metadata", label: "Metadata" },
              { value: "full", label: "Everything" },
            ]}
          />
        </div>
        <p className="secondary small">Metadata is who, where, when and for how long. Everything is also what was shown, which may hold secrets. What is typed without being shown is never written.</p>
        <div className="setting">
          <Numeric label="Days to keep (0: for ever)" min={0} max={3650} value={preferences.log_keep_days} onChange={(log_keep_days) => set({ log_keep_days })} />
        </div>
      </Panel>
      <ShellMarks />
    </>
  );
}

function Sample({ preferences }: { preferences: contract.Preferences }) {
  const dark = useComputedColorScheme("light") === "dark";
  const theme = terminalTheme(preferences.terminal_theme).theme(dark);
  const paint = (color: string | undefined) => ({ color });
  return (
    <pre
      className="terminal-sample"
      aria-hidden
      style={{ background: theme.background, color: theme.foreground, fontFamily: fontFamily(preferences.font), fontSize: preferences.font_size }}
    >
      <span style={paint(theme.green)}>ada@db-3</span>:<span style={paint(theme.blue)}>~</span>$ ls{"\n"}
      <span style={paint(theme.blue)}>backup</span> <span style={paint(theme.cyan)}>current</span> <span style={paint(theme.green)}>run.sh</span> notes.txt{"\n"}
      <span style={paint(theme.red)}>error</span> <span style={paint(theme.yellow)}>warning</span> <span style={paint(theme.magenta)}>debug</span> 漢字 ünïcode
    </pre>
  );
}

/** One of ours, or any other that is on the device: nothing is changed until the name is whole. */
function FontField({ value, onChange }: { value: string; onChange: (font: string) => void }) {
  const [typed, setTyped] = useState(value);
  const take = (text: string) => {
    const font = fontName(text);
    setTyped(font ?? value);
    if (font && font !== value) onChange(font);
  };
  // What is there already must not hide the others.
  const touched = typed !== value;
  return (
    <Autocomplete
      size="xs"
      label="Font"
      title="Choose one, or type the name of another that is on this device"
      spellCheck={false}
      comboboxProps={{ transitionProps: { duration: 0 } }}
      data={[...FONTS]}
      {...(touched ? {} : { filter: ({ options }: { options: ComboboxParsedItem[] }) => options })}
      value={typed}
      onChange={setTyped}
      onOptionSubmit={take}
      onBlur={() => take(typed)}
      // While an option is marked, Enter chooses it.
      onKeyDown={(event) => event.key === "Enter" && !event.currentTarget.getAttribute("aria-activedescendant") && take(typed)}
    />
  );
}

function Numeric({ label, min, max, step = 1, value, onChange }: { label: string; min: number; max: number; step?: number; value: number; onChange: (value: number) => void }) {
  const [typed, setTyped] = useState<number | string>(value);
  return (
    <NumberInput
      size="xs"
      w={150}
      label={label}
      min={min}
      max={max}
      step={step}
      clampBehavior="blur"
      allowDecimal={false}
      value={typed}
      onChange={setTyped}
      onBlur={() => typeof typed === "number" && typed !== value && onChange(Math.min(max, Math.max(min, typed)))}
    />
  );
}

function Toggle({ label, hint, checked, onChange }: { label: string; hint?: string; checked: boolean; onChange: (on: boolean) => void }) {
  return (
    <div className="setting">
      <Switch size="xs" label={label} description={hint} checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
    </div>
  );
}

function ShellMarks() {
  const [shell, setShell] = useState<MarkedShell>("bash");
  return (
    <Panel title="Command blocks" note="Where the shell marks its commands (OSC 133)">
      <p className="secondary">
        Luumen then marks each command at the edge with how it ended, jumps from one to the next, and lists them in the panel. fish from version 4 does it by itself.
        For bash and zsh, add these lines on the host yourself; Luumen writes nothing there.
      </p>
      <SegmentedControl size="xs" aria-label="Shell" value={shell} onChange={(next) => setShell(next as MarkedShell)} data={Object.keys(SHELL_MARKS)} />
      <CodeLines text={SHELL_MARKS[shell]} label={`lines for ${shell}`} />
    </Panel>
  );
}
