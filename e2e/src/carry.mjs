// Both ends of a forward: a service that sends back whatever it gets, and connections that check it byte by byte.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import net from "node:net";

/** A service on loopback that sends back what it is sent. */
export async function startEcho() {
  let connections = 0;
  const server = net.createServer((socket) => {
    connections += 1;
    socket.on("error", () => socket.destroy());
    socket.pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    get connections() {
      return connections;
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** Sends so many random bytes through a port and waits until the same ones have come back. */
export async function carries(port, bytes, { through } = {}) {
  const socket = net.connect(port, "127.0.0.1");
  try {
    socket.setTimeout(20_000, () => socket.destroy(new Error(`port ${port} has gone quiet`)));
    await once(socket, "connect");
    if (through) await askSocks(socket, through);
    const sent = randomBytes(bytes);
    socket.end(sent);
    const back = [];
    for await (const chunk of socket) back.push(chunk);
    const same = Buffer.concat(back).equals(sent);
    if (!same) throw new Error(`${Buffer.concat(back).length} of ${bytes} bytes came back through port ${port}, or not in their order`);
  } finally {
    socket.destroy();
  }
}

/** Asks a SOCKS 5 proxy for a place by name (RFC 1928). */
async function askSocks(socket, { host, port }) {
  const read = async (length) => {
    for (;;) {
      const chunk = socket.read(length);
      if (chunk?.length === length) return chunk;
      if (socket.readableEnded || socket.destroyed) throw new Error("the proxy hung up");
      await Promise.race([once(socket, "readable"), once(socket, "close")]);
    }
  };
  socket.write(Buffer.from([5, 1, 0]));
  if (!(await read(2)).equals(Buffer.from([5, 0]))) throw new Error("the proxy wants more than nothing");
  const name = Buffer.from(host);
  socket.write(Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, Buffer.from([port >> 8, port & 255])]));
  const [, reply] = await read(10);
  if (reply !== 0) throw new Error(`the proxy answered ${reply}`);
}
