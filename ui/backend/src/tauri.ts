// The desktop's window: the only room that knows Tauri.
import { Channel, invoke } from "@tauri-apps/api/core";

import { asCallError, type Answer, type Args, type Backend, type CallName, type ChoosePath, type Happening, type Stop } from "./backend";
import type { Event } from "./contract";
import { readPublicKey, withCovers } from "./typed";

/** True in the desktop's window. */
export function inTauri(): boolean {
  return "__TAURI_INTERNALS__" in window;
}

export function tauriBackend(): Backend {
  let typingKey: Promise<CryptoKey> | undefined;
  /** Asked for once; asked again after it failed. */
  const publicKey = () => {
    typingKey ??= call("typing_key", {}).then(({ public_key }) => readPublicKey(public_key));
    typingKey.catch(() => (typingKey = undefined));
    return typingKey;
  };

  async function call<N extends CallName>(name: N, args: Args<N>): Promise<Answer<N>> {
    try {
      return await invoke<Answer<N>>("call", { name, args: await withCovers(args, publicKey) });
    } catch (error) {
      throw asCallError(name, error);
    }
  }

  async function events(onEvent: (event: Event) => void): Promise<Stop> {
    let live = true;
    const channel = new Channel<Event>();
    channel.onmessage = (event) => live && onEvent(event);
    await invoke("events", { channel });
    return () => {
      live = false;
    };
  }

  async function attach(terminal: string, onBytes: (bytes: Uint8Array) => void): Promise<Stop> {
    let live = true;
    // Raw bytes: a channel of numbers would arrive as a JSON array, several times slower.
    const channel = new Channel<ArrayBuffer>();
    channel.onmessage = (bytes) => live && onBytes(new Uint8Array(bytes));
    await invoke("attach", { terminal, channel });
    return () => {
      live = false;
    };
  }

  async function happenings(onHappening: (happening: Happening) => void): Promise<Stop> {
    let live = true;
    const channel = new Channel<Happening>();
    channel.onmessage = (happening) => live && onHappening(happening);
    await invoke("window_events", { channel });
    return () => {
      live = false;
    };
  }

  return {
    kind: "tauri",
    call,
    events,
    attach,
    happenings,
    choosePath: (what: ChoosePath) => invoke<string | null>("choose_path", { ...what }),
    openLink: (url) => invoke("open_link", { url }),
  };
}
