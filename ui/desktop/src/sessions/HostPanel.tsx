// What is known of the host of a session: the connection, its note, what a scan saw, and its settings with where they come from.
import type { contract } from "@luumen/backend";
import { Loaded, Machine, notifyFailed, Pair, RelativeTime } from "@luumen/kit";
import { Button, SegmentedControl } from "@mantine/core";

import { useCall, useDesk } from "../desk/context";
import { effectiveRows, originWords } from "../hosts/effective";
import type { Target } from "../layout/tabs";
import { sessionWords } from "../shell/StatusBar";
import { HostFacts } from "./HostFacts";

export function HostPanel({ target, session }: { target: Target; session: contract.Session | null }) {
  return (
    <div className="side-body">
      {session && <Connection session={session} />}
      {target.host ? <Stored host={target.host} /> : <Quick target={target} />}
    </div>
  );
}

function Connection({ session }: { session: contract.Session }) {
  const desk = useDesk();
  const record = (mode: string) => {
    desk.backend
      .call("session_log", { id: session.id, mode: mode as contract.LogMode })
      .then((next) => desk.follow.seen(next))
      .catch((error: unknown) => notifyFailed("change the session log", error));
  };
  return (
    <section>
      <h2>Connection</h2>
      <dl>
        <Pair label="State">{sessionWords(session.state).word}</Pair>
        <Pair label="Target">
          <Machine>{session.target}</Machine>
        </Pair>
        {session.server && (
          <Pair label="Server">
            <Machine>{session.server}</Machine>
          </Pair>
        )}
        {session.ciphers && (
          <Pair label="Protected by">
            <Machine>{session.ciphers}</Machine>
          </Pair>
        )}
        <Pair label="Since">
          <RelativeTime at={session.opened_at} />
        </Pair>
      </dl>
      {session.warnings.map((warning) => (
        <p key={warning} className="trouble" data-tone="partial">
          {warning}
        </p>
      ))}
      <div className="side-line">
        <span className="secondary small" id="log-mode">
          Session log
        </span>
        <SegmentedControl
          size="xs"
          aria-labelledby="log-mode"
          value={session.recording}
          onChange={record}
          data={[
            { value: "off", label: "Off" },
            { value: "metadata", label: "Metadata" },
            { value: "full", label: "Full" },
          ]}
        />
      </div>
    </section>
  );
}

function Quick({ target }: { target: Target }) {
  const desk = useDesk();
  return (
    <section>
      <h2>Not kept</h2>
      <p className="secondary">This address is not one of your hosts. Keep it to give it settings, tags and scans of its own.</p>
      <Button size="xs" variant="default" onClick={() => desk.keep(target.quick ?? "", target.instead)}>
        Keep as a host…
      </Button>
    </section>
  );
}

function Stored({ host }: { host: contract.Id }) {
  const desk = useDesk();
  const found = useCall("host_get", { id: host });
  const credentials = useCall("credentials_list", {}).data ?? [];
  const hosts = useCall("hosts_tree", {}).data?.hosts ?? [];
  const names = new Map([...credentials, ...hosts].map(({ id, name }) => [id, name]));
  return (
    <Loaded from={found} what="the host" rows={6}>
      {({ host: { note, tags, os, last_scan_at }, effective }) => (
        <>
          <section>
            <h2>Host</h2>
            <dl>
              {os && <Pair label="System">{os}</Pair>}
              <Pair label="Last scan">
                <RelativeTime at={last_scan_at} empty="never" />
              </Pair>
              {tags.length > 0 && (
                <Pair label="Tags">
                  <span className="tags">
                    {tags.map((tag) => (
                      <span key={tag} className="tag">
                        {tag}
                      </span>
                    ))}
                  </span>
                </Pair>
              )}
            </dl>
            {note && <p className="pre secondary">{note}</p>}
          </section>
          <HostFacts host={host} />
          <section>
            <h2>Settings in force</h2>
            <dl>
              {effectiveRows(effective, names).map(({ key, label, value, from }) => (
                <Pair key={key} label={label}>
                  <span>{value}</span> <span className="faint small">{originWords(from)}</span>
                </Pair>
              ))}
            </dl>
            <Button size="xs" variant="default" onClick={() => desk.go("hosts", `edit:${host}`)}>
              Change…
            </Button>
          </section>
        </>
      )}
    </Loaded>
  );
}
