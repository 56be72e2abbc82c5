// Plays a recorded session back: a terminal that takes its bytes from a log instead of a host.
import type { contract } from "@luumen/backend";
import { Empty, Failed, Loading } from "@luumen/kit";
import { ActionIcon, Checkbox, SegmentedControl, Slider, useComputedColorScheme } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconPlayerSkipBack } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import { Terminal } from "@xterm/xterm";
import { useEffect, useMemo, useRef, useState } from "react";

import { useDesk } from "../desk/context";
import type { Desk } from "../desk/desk";
import { useStore } from "../desk/store";
import { fontFamily, terminalTheme } from "../terminal/themes";
import { clock, lengthOf, playedAt, readHeader, sinceStart, sizeIn, withoutSilence, type Header, type Played } from "./player";

const SILENCE_S = 2;
const TICK_MS = 40;

/** Everything of a log, in its parts. */
async function readLog(desk: Desk, id: contract.Id): Promise<{ header: Header; events: Played[] }> {
  let offset: number | null = 0;
  let header: Header | null = null;
  const events: Played[] = [];
  while (offset !== null) {
    const part: contract.LogPage = await desk.backend.call("log_events", { id, offset });
    header ??= readHeader(part.header);
    events.push(...sinceStart(part.events, header.version, lengthOf(events)));
    offset = part.next;
  }
  return { header: header ?? readHeader(null), events };
}

export function Player({ log }: { log: contract.LogRow }) {
  const desk = useDesk();
  const read = useQuery({ queryKey: ["log_events", log.id, log.size_bytes], queryFn: () => readLog(desk, log.id), staleTime: Infinity });
  if (read.error) return <Failed doing="read the session log" error={read.error} onRetry={() => void read.refetch()} />;
  if (!read.data) return <Loading what="the session log" rows={8} />;
  if (!read.data.events.some(([, kind]) => kind === "o")) {
    return (
      <Empty title="There is nothing to play">
        {log.mode === "metadata" ? "Only who, where, when and for how long was kept of this session, not what was shown." : "The session wrote nothing."}
      </Empty>
    );
  }
  return <Playing header={read.data.header} events={read.data.events} />;
}

function Playing({ header, events: all }: { header: Header; events: Played[] }) {
  const [quick, setQuick] = useState(true);
  const [speed, setSpeed] = useState(1);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const events = useMemo(() => (quick ? withoutSilence(all, SILENCE_S) : all), [all, quick]);
  const length = lengthOf(events);
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => setAt((now) => Math.min(length, now + (TICK_MS / 1000) * speed)), TICK_MS);
    return () => clearInterval(timer);
  }, [playing, speed, length]);
  useEffect(() => {
    if (at >= length) setPlaying(false);
  }, [at, length]);
  const Play = playing ? IconPlayerPause : IconPlayerPlay;
  return (
    <div className="player">
      <Screen header={header} events={events} at={at} />
      <div className="player-bar">
        <ActionIcon variant="subtle" aria-label="To the start" title="To the start" onClick={() => setAt(0)}>
          <IconPlayerSkipBack size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon
          variant="light"
          aria-label={playing ? "Pause" : "Play"}
          title={playing ? "Pause" : "Play"}
          onClick={() => {
            if (at >= length) setAt(0);
            setPlaying(!playing);
          }}
        >
          <Play size={16} aria-hidden />
        </ActionIcon>
        <span className="number small">
          {clock(at)} of {clock(length)}
        </span>
        <Slider
          className="grow"
          size="sm"
          min={0}
          max={Math.max(length, 0.1)}
          step={0.1}
          label={(value) => clock(value)}
          thumbLabel="Position"
          value={at}
          onChange={setAt}
        />
        <SegmentedControl size="xs" aria-label="Speed" value={String(speed)} onChange={(next) => setSpeed(Number(next))} data={["1", "2", "4", "8"].map((value) => ({ value, label: `${value}×` }))} />
        <Checkbox size="xs" label="Skip silence" checked={quick} onChange={(event) => { setQuick(event.currentTarget.checked); setAt(0); }} />
      </div>
    </div>
  );
}

function Screen({ header, events, at }: { header: Header; events: Played[]; at: number }) {
  const desk = useDesk();
  const preferences = useStore(desk.preferences);
  const box = useRef<HTMLDivElement>(null);
  const term = useRef<Terminal | null>(null);
  const shown = useRef(0);
  const scheme = useComputedColorScheme("light");
  useEffect(() => {
    const parent = box.current;
    if (!parent) return;
    const next = new Terminal({
      allowProposedApi: true,
      disableStdin: true,
      cursorInactiveStyle: "outline",
      cols: header.cols,
      rows: header.rows,
      fontSize: preferences.font_size,
      fontFamily: fontFamily(preferences.font),
      scrollback: preferences.scrollback,
      theme: terminalTheme(preferences.terminal_theme).theme(scheme === "dark"),
    });
    next.loadAddon(new UnicodeGraphemesAddon());
    next.unicode.activeVersion = "15-graphemes";
    next.open(parent);
    // It only shows: nothing is typed into it.
    if (next.textarea) next.textarea.disabled = true;
    term.current = next;
    shown.current = 0;
    return () => next.dispose();
  }, [header, preferences, events, scheme]);
  useEffect(() => {
    const screen = term.current;
    if (!screen) return;
    const until = playedAt(events, at);
    if (until < shown.current) {
      screen.reset();
      screen.resize(header.cols, header.rows);
      shown.current = 0;
    }
    for (const [, kind, text] of events.slice(shown.current, until)) {
      if (kind === "o") screen.write(text);
      const size = kind === "r" ? sizeIn(text) : null;
      if (size) screen.write("", () => screen.resize(size.cols, size.rows));
    }
    shown.current = until;
  }, [events, at, header, preferences, scheme]);
  return <div ref={box} className="player-screen terminal-host" role="group" tabIndex={0} aria-label="What the terminal showed" />;
}
