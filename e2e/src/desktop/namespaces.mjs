// Networks in which only one host can be reached, and a capture of what leaves them. Needs root and `ip`.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { eventually, run, start } from "../child.mjs";
import { program } from "../places.mjs";

/** Where things are: the desk sees the edge; the edge sees the inner host; nobody forwards for anybody. */
export const EDGE = "10.213.0.2";
export const INNER = "10.213.9.2";

/** A server of names that nobody is at. Whoever looks a name up sends a packet there. */
const NAMES = "192.0.2.53";

const ip = (...args) => run(program("ip"), args);

/** Makes three namespaces. Everything that has no other way goes from the desk to the edge, where it is seen and ends. */
export function makeNetworks() {
  const names = Object.fromEntries(["desk", "edge", "inner"].map((name) => [name, `luumen-${process.pid}-${name}`]));
  const made = [];
  const dispose = () => made.forEach((name) => ip("netns", "delete", name));
  const join = (one, other, subnet, first, second) => {
    ip("link", "add", first, "netns", one, "type", "veth", "peer", "name", second, "netns", other);
    for (const [name, device, last] of [[one, first, 1], [other, second, 2]]) {
      ip("-n", name, "addr", "add", `10.213.${subnet}.${last}/24`, "dev", device);
      ip("-n", name, "addr", "add", `fd21:3000:${subnet}::${last}/64`, "dev", device, "nodad");
      ip("-n", name, "link", "set", device, "up");
    }
  };
  try {
    for (const name of Object.values(names)) {
      ip("netns", "add", name);
      made.push(name);
      ip("-n", name, "link", "set", "lo", "up");
    }
    join(names.desk, names.edge, 0, "desk0", "edge0");
    join(names.edge, names.inner, 9, "edge1", "inner0");
    ip("-n", names.desk, "route", "add", "default", "via", EDGE);
    ip("-n", names.desk, "-6", "route", "add", "default", "via", "fd21:3000:0::2");
  } catch (error) {
    dispose();
    throw error;
  }
  return { ...names, dispose };
}

/** Services of the system that could look names up or send something in place of the desk, unseen. */
const HELPERS = ["/run/systemd", "/run/dbus", "/run/nscd", "/run/avahi-daemon"];

/** A command that runs at the desk, with the server of names that nobody is at, and without the system's helpers. */
export function atTheDesk({ desk }, folder, command) {
  const file = join(folder, "resolv.conf");
  writeFileSync(file, `nameserver ${NAMES}\noptions timeout:1 attempts:1\n`);
  const script = [
    "mount --make-rprivate /",
    `mount --bind '${file}' "$(readlink -f /etc/resolv.conf)"`,
    ...HELPERS.map((helper) => `if [ -d ${helper} ]; then mount -t tmpfs none ${helper}; fi`),
    'exec "$@"',
  ].join(" && ");
  return ["nsenter", `--net=/run/netns/${desk}`, "unshare", "--mount", "sh", "-c", script, "sh", ...command];
}

/** Writes down what leaves the interfaces of this namespace, until it is ended. */
export async function capture() {
  const script = new URL("capture.py", import.meta.url).pathname;
  const child = start(program("python3"), [script], { stdio: ["pipe", "pipe", "pipe"] });
  await eventually("the capture", () => {
    if (child.ended) throw new Error(child.said.text);
    return child.said.text.includes("ready");
  });
  return {
    async end() {
      child.input.end();
      const line = await eventually("what was captured", () => /^\{.*\}$/m.exec(child.said.text)?.[0]);
      const { packets, missed } = JSON.parse(line);
      if (missed > 0) throw new Error(`${missed} packets were missed`);
      return packets;
    },
    stop: () => child.stop(),
  };
}

/** What neighbours of a link say to each other, the kernel's own: solicitations, advertisements and listeners. */
const NEIGHBOURS = [133, 134, 135, 136, 143];

/** Packets that went anywhere but to the sshd of the edge, and on this device's own interface anything but TCP to itself. */
export function strays(packets) {
  const isFine = ({ interface: device, protocol, source_port: from, target, target_port: port }) => {
    if (device === "lo") return protocol === "tcp" && from !== 53 && port !== 53 && (target === "127.0.0.1" || target === "::1");
    if (protocol === "arp") return target === EDGE;
    if (protocol === "icmp6") return NEIGHBOURS.includes(port);
    return protocol === "tcp" && target === EDGE && port === 22;
  };
  return packets.filter((packet) => !isFine(packet));
}
