// Keys, certificates and agents, made by OpenSSH's own tools.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { eventually, run, start } from "./child.mjs";
import { program } from "./places.mjs";

/** A pair of keys in a folder; answers the path of the secret half. */
export function makeKey(path, { passphrase = "" } = {}) {
  if (!existsSync(path)) run("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", "luumen-e2e", "-f", path]);
  return path;
}

/** The public half, without its comment. */
export function publicKey(path) {
  return readFileSync(`${path}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
}

/** Has an authority sign a key for an account; answers the path of the certificate. */
export function certify(key, { authority, account, valid = "always:forever" }) {
  run("ssh-keygen", ["-q", "-s", authority, "-I", "luumen-e2e", "-n", account, "-V", valid, `${key}.pub`]);
  return `${key}-cert.pub`;
}

/** An ssh-agent of its own, without keys. */
export async function startAgent(folder) {
  const socket = join(folder, "agent");
  const agent = start(program("ssh-agent"), ["-D", "-a", socket]);
  await eventually("ssh-agent", () => existsSync(socket));
  const tell = (...args) => run("ssh-add", ["-q", ...args], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  return { socket, add: (key) => tell(key), forget: () => tell("-D"), stop: () => agent.stop() };
}
