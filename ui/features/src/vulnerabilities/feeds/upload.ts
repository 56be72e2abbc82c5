// Sends a bundle and tells how far it is: `fetch` says nothing of what it has sent, so this asks the older way.
import { ApiError, readError, workspaceHeader, type ImportedBundle } from "@luumen/api-client";

export const IMPORT_ADDRESS = "/api/v1/feeds/import";

export interface Upload {
  file: File;
  /** Go back to a catalogue that is older than the one in use. */
  allowOlder: boolean;
  /** Share that was sent, 0 to 1; 1 while the server checks it. */
  onSent: (share: number) => void;
  signal: AbortSignal;
}

export function uploadBundle({ file, allowOlder, onSent, signal }: Upload): Promise<ImportedBundle> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", allowOlder ? `${IMPORT_ADDRESS}?allow_older=true` : IMPORT_ADDRESS);
    request.setRequestHeader("content-type", "application/octet-stream");
    for (const [name, value] of Object.entries(workspaceHeader())) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onSent(total > 0 ? loaded / total : 0);
    request.upload.onload = () => onSent(1);
    request.onerror = () => reject(new ApiError(0, null, undefined));
    request.onabort = () => reject(new DOMException("The import was stopped", "AbortError"));
    request.onload = () => {
      if (request.status === 200) {
        resolve(JSON.parse(request.responseText) as ImportedBundle);
        return;
      }
      const id = request.getResponseHeader("x-request-id");
      const answer = new Response(request.responseText, { status: request.status, headers: id ? { "x-request-id": id } : {} });
      void readError(answer).then(reject);
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
