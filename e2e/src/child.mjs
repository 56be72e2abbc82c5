// Child processes that end with us, and whose words are kept for when something goes wrong.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
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

/** Whether somebody listens on a port of this machine. */
export function listens(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });
}
