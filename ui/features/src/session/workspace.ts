// Which workspace this window shows. A session is in one at a time, and every window of the browser has the same session: a window
// that another one has taken the session away from begins anew, and the server does nothing for it until then.
import { api, onOtherWorkspace, shownWorkspace } from "@luumen/api-client";

const NOTICE_KEY = "luumen.workspace.switched-elsewhere";

let channel: BroadcastChannel | undefined;
/** The other windows of this browser. */
const windows = () => (channel ??= new BroadcastChannel("luumen.workspace"));

/** This window is on its way to another workspace; whatever fails until it is there is of no interest. */
let leaving = false;

/** Begins anew: nothing that was loaded of one workspace may stand on a page of another. */
function begin(): void {
  leaving = true;
  window.location.assign("/");
}

/** Takes the session to another workspace, and this window to its first page. */
export async function switchWorkspace(id: string): Promise<void> {
  leaving = true;
  try {
    await api.PUT("/session/workspace", { body: { workspace_id: id } });
  } catch (error) {
    leaving = false;
    throw error;
  }
  tellOtherWindows(id);
  begin();
}

/** Lets the other windows begin anew at once. Those that do not hear it are told by the server when they ask for something. */
export function tellOtherWindows(id: string): void {
  windows().postMessage(id);
}

/** Begins anew, and says why, whenever the session turns out to be in another workspace than this window shows. */
export function followWorkspace(): void {
  const follow = () => {
    if (leaving) return;
    sessionStorage.setItem(NOTICE_KEY, "true");
    begin();
  };
  onOtherWorkspace(follow);
  windows().addEventListener("message", ({ data }) => {
    const shown = shownWorkspace();
    if (shown !== null && shown !== data) follow();
  });
  // A page that was left comes back as it was, out of the browser's memory.
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted && leaving) window.location.reload();
  });
}

/** Whether this page began anew because of another window; true once. */
export function wasSwitchedElsewhere(): boolean {
  const was = sessionStorage.getItem(NOTICE_KEY) !== null;
  sessionStorage.removeItem(NOTICE_KEY);
  return was;
}
