// Throw-away hosts: the system's own sshd on loopback. As root each one also stands in a mount namespace with a
// release, an account and a package database of its own, so that hosts differ and packages can change between two
// visits; without root all hosts are this machine, visited as this person.
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";

import { cableOf } from "./cable.mjs";
import { descendants, endAll, eventually, freePort, listens, run, start } from "./child.mjs";
import { makeKey } from "./keys.mjs";
import { program } from "./places.mjs";

const RELEASES = {
  bullseye: ["debian", "Debian GNU/Linux 11 (bullseye)", "11"],
  bookworm: ["debian", "Debian GNU/Linux 12 (bookworm)", "12"],
  trixie: ["debian", "Debian GNU/Linux 13 (trixie)", "13"],
  noble: ["ubuntu", "Ubuntu 24.04.1 LTS", "24.04"],
  // No feed speaks of it.
  arch: ["arch", "Arch Linux", "rolling"],
};

const SCAN_UID = 61_800;

/** True when every host can be a system of its own. */
export const apart =
  process.getuid() === 0 && existsSync("/var/lib/dpkg/status") && run("unshare", ["--mount", "true"], { allowed: [0, 1] }).status === 0;

/** The account that the agent signs in as. */
export const account = apart ? "luumen" : userInfo().username;

/** Whether the system has a PAM module. */
export const hasPamModule = (name) =>
  ["/lib", "/usr/lib", "/lib64", "/usr/lib64"].some((folder) =>
    [folder, ...(existsSync(folder) ? readdirSync(folder).map((inner) => join(folder, inner)) : [])].some((place) => existsSync(join(place, "security", name))),
  );

/**
 * Starts a host that lets the owner of `key` in, if there is one. `sshd` are lines of its configuration that come before
 * ours. As root its account may have a `password` and `sudoers`, and its sshd a stack of `pam`; `asks` makes such a stack, which wants a password and a
 * one-time code besides the key. A program that is `slow` waits for as long as there is a file `wait` in the host's folder. A host that is `away` stands in a network of its own at the other end of a cable; `net` is a
 * namespace that is there already, in which the host stands at `at`, port 22.
 */
export async function startHost({ folder, name, release = "bookworm", key, sshd = [], password, pam, asks, sudoers, slow, away = false, net, at }) {
  const needsRoot = [password, pam, asks, sudoers, slow, net].some((wish) => wish !== undefined) || away;
  if (!apart && needsRoot) throw new Error("only root can have such a host; ask `apart` first");
  const home = join(folder, name);
  mkdirSync(home, { recursive: true });
  chmodSync(home, 0o755);
  const port = net ? 22 : await freePort();
  const cable = away ? cableOf(port) : undefined;
  const address = at ?? cable?.there ?? "127.0.0.1";
  makeKey(join(home, "host_key"));
  writeFileSync(join(home, "authorized_keys"), key ? readFileSync(`${key}.pub`) : "");
  chmodSync(join(home, "authorized_keys"), 0o644);
  const config = join(home, "sshd_config");
  const stack = asks ? stackInTurn(home, asks) : pam;
  const lines = [...(stack === undefined ? [] : ["UsePAM yes"]), ...(asks ? ASKS_BOTH : []), ...sshd];
  writeFileSync(config, sshdConfig({ home, address, port, lines }));
  const binary = program("sshd");
  if (process.getuid() === 0) mkdirSync("/run/sshd", { recursive: true });
  const own = apart && ["unshare", "--mount", "--uts", ...(cable ? ["--net"] : []), "sh", "-e", script({ home, name, release, binary, config, password, pam: stack, sudoers, slow, cable })];
  const inside = net ? ["nsenter", `--net=/run/netns/${net}`] : [];
  const [first, ...rest] = [...inside, ...(own || [binary, "-D", "-e", "-f", config])];
  const isThere = () => (net ? run(inside[0], [inside[1], program("ss"), "-Hltn", `sport = :${port}`]).stdout.includes(address) : listens(port, address));
  let running;
  let before = "";
  const begin = async () => {
    running = start(first, rest);
    try {
      await cable?.plugIn(running.pid);
      await eventually(`sshd of ${name}`, () => !running.ended && isThere());
    } catch (error) {
      await running.stop();
      throw new Error(`${name} did not start: ${running.said.text}`, { cause: error });
    }
  };
  await begin();
  return {
    name,
    address,
    port,
    home,
    /** Everything its sshd has logged. */
    get log() {
      return before + running.said.text;
    },
    /** Ends sshd and every connection to it, as a machine does that goes down. */
    async stop() {
      const connections = descendants(running.pid);
      await running.stop();
      await endAll(connections, `the connections to ${name}`);
    },
    /** The same host once more, after it was stopped. */
    async startAgain() {
      before += running.said.text;
      await begin();
    },
    /** Takes the cable out, and puts it in again. */
    cut: () => cable.set("down"),
    mend: () => cable.set("up"),
    /** Writes another version of a package into the host's own database. */
    upgrade(packageName, version) {
      if (!apart) return;
      const path = join(home, "status");
      const blocks = readFileSync(path, "utf8").split("\n\n");
      const changed = blocks.map((block) =>
        block.startsWith(`Package: ${packageName}\n`) ? block.replace(/^Version: .*$/m, `Version: ${version}`) : block,
      );
      writeFileSync(path, changed.join("\n\n"));
    },
    remove(packageName) {
      if (!apart) return;
      const path = join(home, "status");
      const blocks = readFileSync(path, "utf8").split("\n\n");
      writeFileSync(path, blocks.filter((block) => !block.startsWith(`Package: ${packageName}\n`)).join("\n\n"));
    },
  };
}

function sshdConfig({ home, address, port, lines }) {
  const locked = process.getuid() === 0 && !apart && /^root:!/m.test(readFileSync("/etc/shadow", "utf8"));
  return [
    // The first line for a keyword wins.
    ...lines,
    `Port ${port}`,
    `ListenAddress ${address}`,
    `HostKey "${join(home, "host_key")}"`,
    `AuthorizedKeysFile "${join(home, "authorized_keys")}"`,
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    `UsePAM ${locked ? "yes" : "no"}`,
    "StrictModes no",
    "Subsystem sftp internal-sftp",
    "PidFile none",
    "LogLevel ERROR",
    "",
  ].join("\n");
}

/** Lays the host's own files over this machine's, for this host only, and becomes its sshd. */
function script({ home, name, release, binary, config, password, pam, sudoers, slow, cable }) {
  const [id, pretty, version] = RELEASES[release];
  const file = (path, text, mode = 0o644) => {
    writeFileSync(join(home, path), text);
    chmodSync(join(home, path), mode);
  };
  mkdirSync(join(home, "home"), { recursive: true });
  chmodSync(join(home, "home"), 0o755);
  chownSync(join(home, "home"), SCAN_UID, SCAN_UID);
  file("os-release", `ID=${id}\nPRETTY_NAME="${pretty}"\nVERSION_ID="${version}"\nVERSION_CODENAME=${release}\n`);
  file("passwd", `${readFileSync("/etc/passwd", "utf8")}luumen:x:${SCAN_UID}:${SCAN_UID}:Luumen:${join(home, "home")}:/bin/sh\n`);
  file("shadow", `${readFileSync("/etc/shadow", "utf8")}luumen:${password === undefined ? "*" : hashed(password)}:19000:0:99999:7:::\n`, 0o600);
  file("group", `${readFileSync("/etc/group", "utf8")}luumen:x:${SCAN_UID}:\n`);
  file("hostname", `${name}\n`);
  if (!existsSync(join(home, "status"))) copyFileSync("/var/lib/dpkg/status", join(home, "status"));
  chmodSync(join(home, "status"), 0o644);
  const over = {
    "os-release": "/usr/lib/os-release",
    passwd: "/etc/passwd",
    shadow: "/etc/shadow",
    group: "/etc/group",
    hostname: "/etc/hostname",
    status: "/var/lib/dpkg/status",
  };
  if (pam !== undefined) {
    file("pam", pam);
    over.pam = "/etc/pam.d/sshd";
  }
  if (sudoers !== undefined) {
    file("sudoers", `Defaults !requiretty, !use_pty\nroot ALL=(ALL:ALL) ALL\n${sudoers}\n`, 0o440);
    over.sudoers = "/etc/sudoers";
  }
  if (slow !== undefined) {
    copyFileSync(slow, join(home, "in-time"));
    chmodSync(join(home, "in-time"), 0o755);
    file("slow", `#!/bin/sh\nwhile [ -e '${join(home, "wait")}' ]; do sleep 0.1; done\nexec '${join(home, "in-time")}' "$@"\n`, 0o755);
    over.slow = slow;
  }
  const path = join(home, "start.sh");
  writeFileSync(
    path,
    [
      "mount --make-rprivate /",
      ...Object.entries(over).map(([own, target]) => `mount --bind '${join(home, own)}' '${target}'`),
      `hostname '${name}'`,
      ...(cable?.setUp ?? []),
      `exec '${binary}' -D -e -f '${config}'`,
      "",
    ].join("\n"),
  );
  return path;
}

const ASKS_BOTH = ["AuthenticationMethods publickey,password,keyboard-interactive", "PasswordAuthentication yes", "KbdInteractiveAuthentication yes"];

/** A stack of PAM that asks a program of ours whether an answer is right: the password first, the code after it. */
function stackInTurn(home, { password, code }) {
  const check = join(home, "check");
  const lines = [
    "#!/bin/sh",
    "typed=$(tr -d '\\000')",
    'turn=$(cat "$0.turn" 2>/dev/null || echo password)',
    "case $turn in",
    `  password) [ "$typed" = '${password}' ] && echo code >"$0.turn" ;;`,
    `  code) [ "$typed" = '${code}' ] && echo password >"$0.turn" ;;`,
    "esac",
    "",
  ];
  writeFileSync(check, lines.join("\n"));
  chmodSync(check, 0o755);
  // The second line gives the credentials that the first has none of.
  return [`auth requisite pam_exec.so quiet expose_authtok ${check}`, "auth required pam_permit.so", "account required pam_permit.so", "session required pam_permit.so", ""].join("\n");
}

const hashed = (password) => run(program("openssl"), ["passwd", "-6", "-stdin"], { input: password }).stdout.trim();
