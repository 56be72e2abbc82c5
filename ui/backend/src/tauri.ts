// The desktop's window: the only room that knows Tauri.
import { Channel, invoke, transformCallback } from "@tauri-apps/api/core";

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

  async function attach(terminal: string, onOutput: (output: string, bytes: number) => void): Promise<Stop> {
    let live = true;
    // A call of the window for each batch: what a channel carries is fetched by the page, which costs more than drawing it.
    const callback = transformCallback(([bytes, text]: [number, string]) => live && onOutput(text, bytes));
    await invoke("attach", { terminal, callback });
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
    openEdit: (edit) =>
      invoke<void>("open_edit", { edit }).catch((error: unknown) => {
        throw asCallError("open_edit", error);
      }),
    openLink: (url) => invoke("open_link", { url }),
  };
}
