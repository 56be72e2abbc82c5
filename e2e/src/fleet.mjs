// A whole Luumen for a test: server on a fresh database, hosts, and an agent that runs when asked.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { eventually, freePort, run, start } from "./child.mjs";
import { account, startHost } from "./hosts.mjs";
import { makeKey } from "./keys.mjs";
import { built } from "./places.mjs";

/** Starts a server and hosts: a list of `{ name, release }`. `settings` are lines of the server's own file. */
export async function startFleet(wanted, settings = "") {
  const folder = mkdtempSync(join(tmpdir(), "luumen-e2e-"));
  chmodSync(folder, 0o755);
  const key = makeKey(join(folder, "key"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const database = `sqlite://${join(folder, "luumen.db")}`;
  const stops = [];
  const stop = async () => {
    for (const each of stops.reverse()) await each();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const file = join(folder, "luumen-server.yaml");
    writeFileSync(file, `log_format: text\n${settings}`);
    const server = start(built("luumen-server"), [
      "serve",
      "--config",
      file,
      "--database",
      database,
      "--listen",
      `127.0.0.1:${port}`,
      "--public-url",
      url,
    ]);
    stops.push(() => server.stop());
    await eventually("the server", async () => {
      if (server.ended) throw new Error(server.said.text);
      return (await fetch(`${url}/readyz`)).ok;
    });
    const hosts = [];
    for (const each of wanted) {
      const host = await startHost({ folder, key, ...each });
      stops.push(() => host.stop());
      hosts.push(host);
    }
    return { folder, url, database, hosts, server, stop, account, ...agentOf({ folder, key, url }) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The link for the first admin, as the server printed it. */
export function setupLink(fleet) {
  return eventually("the setup link", () => /https?:\/\/\S+\/setup#[\w.~-]+/.exec(fleet.server.said.text)?.[0]);
}

/** A link that signs a person in, once. */
export function signInLink(fleet, email) {
  const { stdout } = run(built("luumen-server"), [
    "admin",
    "link",
    "--database",
    fleet.database,
    "--email",
    email,
    "--public-url",
    fleet.url,
  ]);
  return /https?:\/\/\S+\/link#[\w.~-]+/.exec(stdout)[0];
}

function agentOf({ folder, key, url }) {
  const config = join(folder, "config.yaml");
  return {
    configureAgent(apiKey) {
      mkdirSync(join(folder, "log"), { recursive: true });
      writeFileSync(
        config,
        [
          "luumen:",
          "  api:",
          `    base_url: ${url}/api/v1`,
          `    key: ${apiKey}`,
          `log_dir: ${join(folder, "log")}`,
          `state_dir: ${join(folder, "state")}`,
          "ssh:",
          "  host_key_policy: tofu",
          "privilege:",
          "  tier: standard",
          "credentials:",
          "  fleet:",
          `    username: ${account}`,
          `    key_file: ${key}`,
          "",
        ].join("\n"),
        { mode: 0o600 },
      );
    },
    /** One run of the real agent. Some hosts may fail: that is exit code 3. */
    runAgent() {
      return run(built("luumen-agent"), ["--config", config, "run", "--once"], { allowed: [0, 3], timeout: 180_000 });
    },
  };
}
