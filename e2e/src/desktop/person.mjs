// A person's device for a test: a home and a data folder of its own, and hosts that its key opens.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

import { eventually, start } from "../child.mjs";
import { startHost } from "../hosts.mjs";
import { makeKey, publicKey } from "../keys.mjs";
import { built, top } from "../places.mjs";
import { openWindow } from "./webdriver.mjs";

/** Makes the folders; `dispose` ends everything that was started with them. */
export function newPerson() {
  const folder = mkdtempSync(join(tmpdir(), "luumen-person-"));
  // Accounts of the hosts read their keys in it; the home in it is closed.
  chmodSync(folder, 0o755);
  const home = join(folder, "home");
  let starts = 0;
  mkdirSync(home, { mode: 0o700 });
  mkdirSync(join(home, ".ssh"), { mode: 0o700 });
  const key = makeKey(join(home, ".ssh", "id_ed25519"));
  const running = [];
  return {
    folder,
    home,
    data: join(folder, "data"),
    key,
    /** From now on the programs find nothing of what was kept before. */
    startAnew() {
      starts += 1;
      this.data = join(folder, `data-${starts}`);
    },
    /** What a program of this person sees: nothing of the machine's own settings. */
    env: { HOME: home, XDG_DATA_HOME: undefined, XDG_CACHE_HOME: undefined, XDG_STATE_HOME: undefined, SSH_AUTH_SOCK: undefined },
    /** Starts a host that this person's key opens and whose own key they already know, unless `known` is false. */
    async host(name, { known = true, ...wish } = {}) {
      const host = await startHost({ folder, name, key, ...wish });
      running.push(host);
      if (known) {
        const place = host.port === 22 ? host.address : `[${host.address}]:${host.port}`;
        const line = `${place} ${publicKey(join(host.home, "host_key"))}\n`;
        writeFileSync(join(home, ".ssh", "known_hosts"), line, { flag: "a", mode: 0o600 });
      }
      return host;
    },
    /** Opens the desktop's window. */
    async window(...args) {
      const window = await openWindow({ binary: built("luumen-desktop"), args: ["--data-dir", this.data, "--secrets", "vault-file", ...args], env: this.env });
      running.push({ stop: () => window.close() });
      return window;
    },
    /** Starts the loopback server with the screens that tests read terminals in. */
    async workbench(...args) {
      const server = start(
        built("luumen-workbench-server"),
        ["--data-dir", this.data, "--home", home, "--user", userInfo().username, "--screens", join(top, "ui", "desktop", "dist-test"), ...args],
        { env: { ...process.env, ...this.env } },
      );
      running.push(server);
      const line = await eventually("the workbench's server", () => {
        if (server.ended) throw new Error(server.said.text);
        return /^\{.*\}$/m.exec(server.said.text)?.[0];
      });
      return { ...JSON.parse(line), stop: () => server.stop() };
    },
    async dispose() {
      for (const one of running.toReversed()) await one.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
