// Child processes that end with us, and whose words are kept for when something goes wrong.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import net from "node:net";

/** Runs a command to its end; throws with what it said when it fails. */
export function run(command, args, { allowed = [0], ...options } = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", ...options });
  if (error) throw error;
  if (!allowed.includes(status)) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stdout}\n${stderr}`);
  return { status, stdout, stderr };
}

/** Starts a command that goes on. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  const said = { text: "" };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said.text += chunk));
  return {
    said,
    pid: child.pid,
    input: child.stdin,
    get ended() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    async stop() {
      if (this.ended) return;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      const slow = setTimeout(() => child.kill("SIGKILL"), 8000);
      await gone;
      clearTimeout(slow);
    },
  };
}

/** The processes that a process has started, and those that these have, each with the moment of its start. */
export function descendants(pid) {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((name) => ({ pid: Number(name), parent: parentOf(name), began: beganAt(name) }));
  const below = (parent) => all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(pid);
}

/** Ends processes that `descendants` has named; a pid that another process has by now is left alone. */
export function endAll(processes, what) {
  return eventually(`${what} to end`, () => {
    const left = processes.filter(({ pid, began }) => beganAt(pid) === began);
    for (const { pid } of left) process.kill(pid, "SIGKILL");
    return left.length === 0;
  });
}

const parentOf = (pid) => Number(status(pid)?.[1]);
const beganAt = (pid) => status(pid)?.[19];

/** What the kernel says of a process, behind its name; nothing when it has ended, even if nobody has noticed yet. */
function status(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ");
    return fields[0] === "Z" ? undefined : fields;
  } catch {
    return undefined;
  }
}

/** Waits until `probe` answers something; says what was waited for when it does not. */
export async function eventually(what, probe, withinMs = 15_000) {
  const until = Date.now() + withinMs;
  let last;
  while (Date.now() < until) {
    try {
      const answer = await probe();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited ${withinMs / 1000} s for ${what}`, { cause: last });
}

export async function freePort() {
  const server = net.createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether somebody listens on a port. */
export function listens(port, address = "127.0.0.1") {
  return new Promise((resolve) => {
    const socket = net.connect(port, address);
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });
}
