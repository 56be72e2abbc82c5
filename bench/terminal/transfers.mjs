// Files through the desktop's own SFTP, and through OpenSSH's, between the same places.
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";

import { account } from "../../e2e/src/hosts.mjs";
import { eventually } from "../../e2e/src/child.mjs";
import { connected, sessionOf } from "./window.mjs";

/**
 * Both ways, the programs in turns. Ours has a file on the disk when it says that it is done, as `sftp -f` has; what people type is
 * `sftp`, which has not.
 */
export async function transfers(stage) {
  const { rounds, bytes, folder } = stage;
  const local = largeFile(stage);
  const window = await connected(stage);
  const into = join(folder, "ours");
  mkdirSync(into);
  const ours = { upload: [], download: [] };
  const theirs = { upload: [], download: [] };
  const flushed = { upload: [], download: [] };
  const openSsh = (options, command) => {
    settle(stage);
    return mbps(bytes, sftp(stage, options, command));
  };
  try {
    for (let round = 0; round < rounds; round += 1) {
      theirs.upload.push(openSsh([], `put ${local} theirs`));
      flushed.upload.push(openSsh(["-f"], `put ${local} theirs`));
      settle(stage);
      ours.upload.push(mbps(bytes, await oursMoves(window, (home) => ({ direction: "upload", from: [local], to: home }))));
      theirs.download.push(openSsh([], `get theirs ${join(folder, "theirs")}`));
      flushed.download.push(openSsh(["-f"], `get theirs ${join(folder, "theirs")}`));
      rmSync(join(into, "large"), { force: true });
      settle(stage);
      ours.download.push(mbps(bytes, await oursMoves(window, (home) => ({ direction: "download", from: [`${home}/large`], to: into }))));
      if (statSync(join(into, "large")).size !== bytes) throw new Error("the downloaded file is not as long as it was");
    }
  } finally {
    await window.close();
  }
  const size = `${bytes / 1024 / 1024} MB`;
  return ["upload", "download"].flatMap((way) => [
    { what: `SFTP ${way} of ${size}, against sftp`, value: ours[way], unit: "MB/s", against: theirs[way], wanted: "≥ 0.8" },
    { what: `SFTP ${way} of ${size}, against sftp -f`, value: ours[way], unit: "MB/s", against: flushed[way] },
  ]);
}

/**
 * Nobody waits for the disk because of what another left to it, nor for memory: a virtual machine gives what lies free back to the one it runs
 * on, and a file that is written anew takes ten times as long until it has it again. Who writes over an old file has that file's memory.
 */
function settle({ folder, bytes }) {
  const path = join(folder, "memory");
  const file = openSync(path, "w");
  for (let written = 0; written < 1.25 * bytes; written += zeroes.length) writeSync(file, zeroes);
  closeSync(file);
  rmSync(path);
  execFileSync("sync");
}

const zeroes = Buffer.alloc(1024 * 1024);
const mbps = (bytes, ms) => bytes / 1e6 / (ms / 1000);
const call = (window, name, args) => window.invoke("call", { name, args });

function largeFile({ folder, bytes }) {
  const path = join(folder, "large");
  const file = openSync(path, "w");
  const block = randomBytes(1024 * 1024);
  for (let written = 0; written < bytes; written += block.length) writeSync(file, block);
  closeSync(file);
  return path;
}

function sftp({ person, host }, options, command) {
  const began = performance.now();
  execFileSync(
    "sftp",
    [...options, "-q", "-b", "-", "-P", String(host.port), "-i", person.key, "-F", "none", "-o", `UserKnownHostsFile=${join(person.home, ".ssh/known_hosts")}`, `${account}@127.0.0.1`],
    { input: `${command}\n`, stdio: ["pipe", "ignore", "inherit"] },
  );
  return performance.now() - began;
}

/** Connecting is in it, as it is in what `sftp` takes. */
async function oursMoves(window, order) {
  const session = await sessionOf(window);
  const began = performance.now();
  const { files, home } = await call(window, "files_open", { session });
  const [{ id }] = await call(window, "transfer_add", { files, ...order(home), on_conflict: "overwrite" });
  const over = await eventually(
    "the transfer to end",
    async () => {
      const transfer = await transferOf(window, id);
      return ["done", "failed"].includes(transfer.state) && transfer;
    },
    600_000,
  );
  if (over.state === "failed") throw new Error(JSON.stringify(over.problem));
  const took = performance.now() - began;
  await call(window, "files_close", { files });
  return took;
}

/** The large file, sent and fetched in turns for as long as somebody asks for the next. */
export async function openTransfers(window, stage) {
  const local = largeFile(stage);
  const { files, home } = await call(window, "files_open", { session: await sessionOf(window) });
  const up = { direction: "upload", from: [local], to: home };
  const down = { direction: "download", from: [`${home}/large`], to: stage.folder };
  let count = 0;
  let id;
  return {
    /** Begins one, and answers a function that says whether it still runs. */
    async next() {
      count += 1;
      [{ id }] = await call(window, "transfer_add", { files, ...(count % 2 === 1 ? up : down), on_conflict: "overwrite" });
      await eventually("the transfer to run", async () => (await transferOf(window, id)).bytes_done > 0);
      return async () => (await transferOf(window, id)).state === "running";
    },
    stop: () => call(window, "transfer_cancel", { id }),
  };
}

async function transferOf(window, id) {
  const transfer = (await call(window, "transfers_list", {})).find((each) => each.id === id);
  if (!transfer) throw new Error("the transfer is not listed");
  return transfer;
}
