// The tests' loopback server. The token stands in the address's fragment, which no request ever carries.
import { asCallError, type Answer, type Args, type Backend, type CallName, type Stop } from "./backend";
import type { Event } from "./contract";
import { replaceSecrets } from "./typed";

/** The token in `#token=…`, if this page came from a loopback server. */
export function tokenIn(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("token");
}

export function httpBackend(origin: string, token: string): Backend {
  const socketAt = (path: string) => {
    const url = new URL(path, origin);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.searchParams.set("token", token);
    return new WebSocket(url);
  };

  async function call<N extends CallName>(name: N, args: Args<N>): Promise<Answer<N>> {
    let response: Response;
    try {
      response = await fetch(new URL(`/call/${name}`, origin), {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(replaceSecrets(args, (secret) => new TextDecoder().decode(secret.bytes()))),
      });
    } catch (error) {
      throw asCallError(name, error);
    }
    const text = await response.text();
    if (!response.ok) throw asCallError(name, parsed(text) ?? new Error(`${response.status}: ${text}`));
    return (text === "" ? null : JSON.parse(text)) as Answer<N>;
  }

  function events(onEvent: (event: Event) => void, onLost?: (reason: string) => void): Promise<Stop> {
    const socket = socketAt("/events");
    socket.onmessage = ({ data }) => onEvent(JSON.parse(data as string) as Event);
    return opened(socket, onLost);
  }

  function attach(terminal: string, onOutput: (output: Uint8Array, bytes: number) => void): Promise<Stop> {
    const socket = socketAt(`/terminals/${terminal}`);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => onOutput(new Uint8Array(data as ArrayBuffer), (data as ArrayBuffer).byteLength);
    return opened(socket);
  }

  return {
    kind: "http",
    call,
    events,
    attach,
    openLink: async (url) => void window.open(url, "_blank", "noopener,noreferrer"),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function opened(socket: WebSocket, onLost?: (reason: string) => void): Promise<Stop> {
  return new Promise((resolve, reject) => {
    let wanted = true;
    socket.onopen = () =>
      resolve(() => {
        wanted = false;
        socket.close();
      });
    socket.onerror = () => reject(asCallError("socket", new Error(`no connection to ${socket.url.split("?")[0]}`)));
    socket.onclose = () => wanted && onLost?.("The way to the workbench was closed.");
  });
}
