// The first run: no account, hosts from elsewhere, where secrets live, and one host to connect to. Each screen can be skipped.
import { Loaded } from "@luumen/kit";
import { Button, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

import { useCall, useDesk } from "../desk/context";
import { Import } from "../hosts/ImportDrawer";
import { useTheme } from "../shell/Frame";
import { Vault } from "./SecretsTab";

const SCREENS = ["welcome", "import", "secrets", "connect"] as const;

export function FirstRun() {
  useTheme();
  const desk = useDesk();
  const [at, setAt] = useState(0);
  const screen = SCREENS[at];
  const box = useRef<HTMLDivElement>(null);
  const next = () => (at + 1 < SCREENS.length ? setAt(at + 1) : finish());
  const finish = () => void desk.prefer({ first_run_done: true });
  useEffect(() => box.current?.focus(), [at]);
  return (
    <main className="first-run">
      <div className="first-run-card" ref={box} tabIndex={-1} data-screen={screen}>
        <p className="faint small">
          Step {at + 1} of {SCREENS.length}
        </p>
        {screen === "welcome" && <Welcome />}
        {screen === "import" && (
          <>
            <h1>Bring your hosts</h1>
            <p className="secondary">You see what would come before anything is taken over.</p>
            <Import onDone={next} />
          </>
        )}
        {screen === "secrets" && <Secrets />}
        {screen === "connect" && <Connect onDone={finish} />}
        <div className="first-run-actions">
          {at > 0 && (
            <Button size="xs" variant="subtle" onClick={() => setAt(at - 1)}>
              Back
            </Button>
          )}
          <span className="grow" />
          <Button size="xs" variant="subtle" onClick={finish}>
            Skip everything
          </Button>
          <Button size="xs" variant={screen === "import" ? "default" : "filled"} onClick={next}>
            {screen === "welcome" ? "Start" : screen === "connect" ? "Done" : screen === "import" ? "Skip" : "Next"}
          </Button>
        </div>
      </div>
    </main>
  );
}

function Welcome() {
  return (
    <>
      <h1>Luumen</h1>
      <p>Terminals, files and vulnerability scans for your servers, over the SSH access that you have.</p>
      <ul className="first-run-points">
        <li>No account is needed, and everything works without a network of ours.</li>
        <li>Traffic goes straight from this device to the host, and nowhere else.</li>
        <li>Nothing is installed on a host, and a scan writes nothing there.</li>
      </ul>
    </>
  );
}

function Secrets() {
  const status = useCall("vault_status", {});
  return (
    <>
      <h1>Where your secrets live</h1>
      <Loaded from={status} what="where secrets live" rows={3}>
        {(vault) => <Vault vault={vault} />}
      </Loaded>
    </>
  );
}

function Connect({ onDone }: { onDone: () => void }) {
  const desk = useDesk();
  const [typed, setTyped] = useState("");
  const hosts = useCall("hosts_tree", {}).data?.hosts ?? [];
  return (
    <>
      <h1>Connect to a host</h1>
      <form
        className="start-line"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() === "") return;
          desk.connect({ quick: typed.trim() });
          onDone();
        }}
      >
        <TextInput size="xs" className="grow" autoFocus aria-label="Address" placeholder="user@host:port" spellCheck={false} autoComplete="off" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        <Button size="xs" type="submit" disabled={typed.trim() === ""}>
          Connect
        </Button>
      </form>
      {hosts.length > 0 && (
        <>
          <p className="secondary">Or one of yours:</p>
          <ul className="start-hosts">
            {hosts.slice(0, 6).map(({ id, name, address }) => (
              <li key={id}>
                <button
                  type="button"
                  onClick={() => {
                    desk.connect({ host: id, title: name });
                    onDone();
                  }}
                >
                  <span className="cut">{name}</span>
                  <span className="machine faint cut">{address}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
