// The catalogue of vulnerabilities on this device: its age, and how to bring another.
import { exactWords, Failed, Loaded, Machine, notifyDone, Pair, Panel, StateMark } from "@luumen/kit";
import { Button } from "@mantine/core";
import { useState } from "react";

import { useAttempt, useCall, useDesk, useReadAgain } from "../desk/context";
import { PathInput } from "../hosts/PathInput";
import { catalogueTone } from "../scans/findings";

export function CatalogueTab() {
  const desk = useDesk();
  const status = useCall("catalogue_status", {});
  const readAgain = useReadAgain();
  const { attempt, busy, error } = useAttempt();
  const [path, setPath] = useState("");
  const [keys, setKeys] = useState("");
  const bring = async () => {
    const done = await attempt(() => desk.backend.call("catalogue_import", { path: path.trim(), ...(keys.trim() ? { keys: keys.trim() } : {}) }));
    if (!done) return;
    readAgain("catalogue_status");
    notifyDone("The catalogue is in use");
    setPath("");
    setKeys("");
  };
  return (
    <Panel title="Catalogue" note="What scans are judged by, on this device and without a network">
      <Loaded from={status} what="the catalogue" rows={3}>
        {(catalogue) => (
          <>
            <p>
              <StateMark {...catalogueTone(catalogue)} />
            </p>
            {catalogue && (
              <dl>
                <Pair label="Built">{exactWords(new Date(catalogue.built_at))}</Pair>
                <Pair label="File">
                  <Machine>{catalogue.path}</Machine>
                </Pair>
              </dl>
            )}
          </>
        )}
      </Loaded>
      <form
        className="side-form"
        onSubmit={(event) => {
          event.preventDefault();
          void bring();
        }}
      >
        <PathInput label="Bring a signed bundle or a catalogue file" kind="open" value={path} onChange={setPath} />
        <PathInput label="For a bundle: the file of trusted keys, which came another way" kind="open" value={keys} onChange={setKeys} />
        {error !== null && <Failed doing="take the catalogue" error={error} />}
        <div className="drawer-actions">
          <Button type="submit" size="xs" loading={busy} disabled={path.trim() === ""}>
            Use it
          </Button>
        </div>
      </form>
    </Panel>
  );
}
