// What the sessions show while none is open: one field to connect, and the hosts used last.
import { Empty, RelativeTime } from "@luumen/kit";
import { Button } from "@mantine/core";

import { useCall, useDesk } from "../desk/context";
import { useKeyNames } from "../shell/useKeyNames";
import { QuickForm } from "./QuickForm";

const LAST = 8;

export function StartScreen() {
  const desk = useDesk();
  const keys = useKeyNames();
  const hosts = useCall("hosts_tree", {}).data?.hosts ?? [];
  const last = hosts
    .filter(({ last_connected_at }) => last_connected_at)
    .sort((a, b) => (b.last_connected_at ?? "").localeCompare(a.last_connected_at ?? ""))
    .slice(0, LAST);
  return (
    <div className="start">
      <section>
        <h2>Connect to a host</h2>
        <QuickForm />
        <p className="faint">From anywhere: {keys("palette")}. All keys: {keys("help_anywhere")}.</p>
      </section>
      {last.length > 0 ? (
        <section>
          <h3>Used last</h3>
          <ul className="start-hosts">
            {last.map(({ id, name, address, last_connected_at }) => (
              <li key={id}>
                <button type="button" onClick={() => desk.connect({ host: id, title: name })}>
                  <span className="cut">{name}</span>
                  <span className="machine faint cut">{address}</span>
                  <span className="faint small">
                    <RelativeTime at={last_connected_at} />
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ) : (
        <Empty
          title={hosts.length > 0 ? "No host was connected yet" : "No hosts yet"}
          action={
            <>
              <Button size="xs" variant="default" onClick={() => desk.go("hosts", "add")}>
                Add a host
              </Button>
              <Button size="xs" variant="default" onClick={() => desk.go("hosts", "import")}>
                Import hosts
              </Button>
            </>
          }
        >
          {hosts.length > 0 ? "Choose one of the hosts on the left, or type an address above." : "Add one, or bring those you have from ssh_config, PuTTY or a CSV file."}
        </Empty>
      )}
    </div>
  );
}
