// What a terminal does with much text, with keys, and with Ctrl-C.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { colouredText } from "./text.mjs";
import { quantile } from "./figures.mjs";
import { PROMPT, connected, runLong, typed } from "./window.mjs";
import { openTransfers } from "./transfers.mjs";

const KEYS = 200;

/** Text through SSH, and the same text from the page's own memory into the same terminal. */
export async function throughput(stage) {
  const { folder, rounds, textBytes } = stage;
  const file = join(folder, "coloured.txt");
  writeFileSync(file, colouredText(textBytes), { mode: 0o644 });
  const window = await connected(stage);
  const [ssh, plain, own] = [[], [], []];
  try {
    // Once unmeasured: the engine compiles what runs often.
    await fromMemory(window, textBytes, "plain");
    await fromMemory(window, textBytes, "own");
    for (let round = 0; round < rounds; round += 1) {
      plain.push(megabytesPerSecond(textBytes, await fromMemory(window, textBytes, "plain")));
      own.push(megabytesPerSecond(textBytes, await fromMemory(window, textBytes, "own")));
      ssh.push(megabytesPerSecond(textBytes, await throughSession(window, file, round)));
    }
  } finally {
    await window.close();
  }
  const what = `${textBytes / 1e6} MB of coloured text`;
  return [
    { what: `${what} through SSH, against xterm.js`, value: ssh, unit: "MB/s", against: plain, wanted: "≥ 0.85" },
    { what: `${what} from memory, against xterm.js`, value: own, unit: "MB/s", against: plain },
  ];
}

const megabytesPerSecond = (bytes, ms) => bytes / 1e6 / (ms / 1000);

async function throughSession(window, file, round) {
  // The command as it is echoed must not look like what it prints.
  await typed(window, `clear; cat ${file}; echo ALL-${round}-''SEEN`);
  return untilShown(window, "\r", `ALL-${round}-SEEN`);
}

/** Presses keys, and answers how many milliseconds pass until a mark is drawn near the cursor. */
function untilShown(window, keys, mark) {
  return runLong(
    window,
    (keys, mark) =>
      new Promise((resolve) => {
        const { term } = window.__luumen.handle();
        const began = performance.now();
        const watch = term.onWriteParsed(() => {
          const buffer = term.buffer.active;
          for (let back = 0; back < 3; back += 1) {
            if (!buffer.getLine(buffer.baseY + buffer.cursorY - back)?.translateToString(true).includes(mark)) continue;
            watch.dispose();
            requestAnimationFrame(() => resolve(performance.now() - began));
            return;
          }
        });
        term.input(keys);
      }),
    keys,
    mark,
  );
}

/** The page makes the text itself: as an argument it would take the driver longer than drawing it. */
function fromMemory(window, bytes, which) {
  return runLong(window, `(bytes, which) => (${drawAll})((${colouredText})(bytes), which)`, bytes, which);
}

/**
 * Runs in the page: in batches of 64 KB with a megabyte under way, as the session sends it. "plain" is xterm.js as it comes, of the same size,
 * font and scrollback, in the place of the desktop's own terminal; "own" is the latter.
 */
async function drawAll(text, which) {
  const handle = window.__luumen.handle();
  const all = new TextEncoder().encode(text);
  let write = (batch, then) => handle.show(batch, batch.length, then);
  let over = () => undefined;
  if (which === "plain") {
    // One for all rounds, in the same place of the screen, so that the engine knows it as well and has the same to draw.
    const { cols, rows, options } = handle.term;
    const { fontFamily, fontSize, scrollback, theme } = options;
    const plain = (window.plain ??= new handle.term.constructor({ cols, rows, fontFamily, fontSize, scrollback, theme }));
    const element = plain.element?.parentElement ?? document.createElement("div");
    element.className = handle.element.className;
    handle.element.after(element);
    handle.element.style.display = "none";
    if (!plain.element) plain.open(element);
    await new Promise((resolve) => setTimeout(resolve, 300));
    write = (batch, then) => plain.write(batch, then);
    over = () => {
      element.remove();
      handle.element.style.display = "";
    };
  }
  const took = await new Promise((resolve) => {
    const began = performance.now();
    let at = 0;
    let drawn = 0;
    const feed = () => {
      while (at < all.length && at - drawn < 1024 * 1024) {
        const batch = all.subarray(at, at + 65_536);
        at += batch.length;
        write(batch, () => {
          drawn += batch.length;
          if (drawn === all.length) requestAnimationFrame(() => resolve(performance.now() - began));
          else feed();
        });
      }
    };
    feed();
  });
  over();
  return took;
}

/** From a key to its echo in the terminal's own memory: idle, and while files go by another connection. */
export async function echo(stage) {
  const window = await connected(stage);
  try {
    await typed(window, "cat > /dev/null\r");
    const idle = await echoes(window, KEYS);
    const busy = await besideTransfers(window, stage);
    return [
      { what: "echo of a key, p50, idle", value: quantile(idle, 0.5), unit: "ms" },
      { what: "echo of a key, p50, during SFTP", value: quantile(busy, 0.5), unit: "ms" },
      { what: `echo of a key, p95, during SFTP (${busy.length} keys)`, value: quantile(busy, 0.95), unit: "ms", against: quantile(idle, 0.95), wanted: "≤ 2" },
    ];
  } finally {
    await window.close();
  }
}

/** One transfer after the other, up and down, until there are enough keys. Only keys that a transfer outlived count. */
async function besideTransfers(window, stage) {
  const transfers = await openTransfers(window, stage);
  const busy = [];
  while (busy.length < KEYS) {
    const running = await transfers.next();
    while (busy.length < KEYS) {
      const times = await echoes(window, 10);
      if (!(await running())) break;
      busy.push(...times);
    }
  }
  await transfers.stop();
  return busy;
}

function echoes(window, count) {
  return window.run(async (count) => {
    const { term } = window.__luumen.handle();
    const times = [];
    for (let key = 0; key < count; key += 1) {
      times.push(
        await new Promise((resolve) => {
          const began = performance.now();
          const before = term.buffer.active.cursorX;
          const watch = term.onWriteParsed(() => {
            if (term.buffer.active.cursorX === before) return;
            watch.dispose();
            resolve(performance.now() - began);
          });
          term.input(key % 60 === 59 ? "\r" : "x");
        }),
      );
      await new Promise((resolve) => setTimeout(resolve, 15 + (key % 7) * 5));
    }
    return times;
  }, count);
}

/** How long a flood goes on after Ctrl-C. */
export async function interrupt(stage) {
  const window = await connected(stage);
  const times = [];
  try {
    for (let round = 0; round < stage.rounds; round += 1) {
      await typed(window, "yes 'all work and no play'\r");
      await new Promise((resolve) => setTimeout(resolve, 2000));
      times.push(await untilShown(window, "\u0003", PROMPT));
    }
  } finally {
    await window.close();
  }
  return [{ what: "Ctrl-C under yes, until the shell answers", value: times, unit: "ms", wanted: "≤ 500" }];
}
