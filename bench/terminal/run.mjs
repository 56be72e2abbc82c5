// Measures the desktop's window beside what the same machine can do, and prints ratios of one run.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { account } from "../../e2e/src/hosts.mjs";
import { newPerson } from "../../e2e/src/desktop/person.mjs";
import { median, row } from "./figures.mjs";
import { peer } from "./peer.mjs";
import { echo, interrupt, throughput } from "./terminal.mjs";
import { transfers } from "./transfers.mjs";
import { memory, starts } from "./window.mjs";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "start,throughput,interrupt,echo,sftp,memory,peer" },
    rounds: { type: "string", default: "3" },
    mb: { type: "string", default: "1024" },
    "text-mb": { type: "string", default: "50" },
  },
});
const only = new Set(values.only.split(","));
const rounds = Number(values.rounds);
const bytes = Number(values.mb) * 1024 * 1024;
const textBytes = Number(values["text-mb"]) * 1_000_000;

const folder = mkdtempSync(join(tmpdir(), "luumen-bench-"));
// The host's account reads the text in it.
chmodSync(folder, 0o755);
const person = newPerson();
try {
  const host = await person.host("bench");
  const place = `${account}@127.0.0.1:${host.port}`;
  const stage = { person, host, place, folder, rounds, bytes, textBytes };
  console.log(`# ${new Date().toISOString()} · ${rounds} rounds · medians · host and client on one machine: ${machine()}`);
  if (only.has("start")) await measured("start", starts);
  if (only.has("throughput")) await measured("throughput", throughput);
  if (only.has("interrupt")) await measured("interrupt", interrupt);
  if (only.has("echo")) await measured("echo", echo);
  if (only.has("sftp")) await measured("sftp", transfers);
  if (only.has("memory")) await measured("memory", memory);
  if (only.has("peer")) await measured("peer", peer);

  /** One part: what it could not measure is said, and the others go on. */
  async function measured(name, part) {
    try {
      for (const { what, value, unit, against, wanted } of await part(stage)) {
        console.log(row(what, median(value), unit, against === undefined ? undefined : median(against), wanted));
      }
    } catch (error) {
      console.log(`${name}: not measured: ${error.message}`);
      process.exitCode = 1;
    }
  }
} finally {
  await person.dispose();
  rmSync(folder, { recursive: true, force: true });
}

function machine() {
  const cores = cpus();
  return `${cores.length} cores (${cores[0].model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`;
}
