// What happened here: the commands of this terminal where the shell marks them, and earlier session logs of the host.
import { CopyButton, durationWords, Empty, Loaded, Machine, RelativeTime, StateMark } from "@luumen/kit";

import { useCall, useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import type { Target } from "../layout/tabs";
import type { Block } from "../terminal/blocks";
import type { TerminalHandle } from "../terminal/handle";

export function HistoryPanel({ pane, target }: { pane: string; target: Target }) {
  const desk = useDesk();
  const handle = desk.terminal(pane);
  const blocks = useStore(handle.blocks).filter(({ output }) => output !== null);
  return (
    <div className="side-body">
      <section>
        <h2>Commands</h2>
        {blocks.length === 0 ? (
          <Empty
            title="No marked commands"
            action={
              <button type="button" className="link" onClick={() => desk.go("settings", "terminal")}>
                How to switch them on
              </button>
            }
          >
            The shell has not told where commands begin and end (OSC 133), so none can be listed.
          </Empty>
        ) : (
          <ol className="blocks" reversed>
            {[...blocks].reverse().map((block) => (
              <BlockRow key={block.id} block={block} handle={handle} />
            ))}
          </ol>
        )}
      </section>
      <Logs host={target.host} />
    </div>
  );
}

function BlockRow({ block, handle }: { block: Block; handle: TerminalHandle }) {
  const gone = block.prompt.line < 0;
  const took = block.started_at !== null && block.ended_at !== null ? durationWords(block.ended_at - block.started_at) : "";
  return (
    <li>
      <button type="button" className="block" disabled={gone} title={gone ? "It has left the scrollback" : "Show it"} onClick={() => handle.term.scrollToLine(block.prompt.line)}>
        <BlockState block={block} />
        <span className="machine cut">{block.command || "(not told)"}</span>
        <span className="faint small number">{took}</span>
      </button>
      {block.command && <CopyButton text={block.command} label="Copy the command" />}
    </li>
  );
}

function BlockState({ block }: { block: Block }) {
  if (block.ended_at === null) return <StateMark tone="running" word="runs" />;
  if (block.exit === null) return <StateMark tone="unknown" word="ended" title="The shell did not tell the exit code" />;
  return block.exit === 0 ? <StateMark tone="ok" word="0" title="Exit 0" /> : <StateMark tone="failed" word={String(block.exit)} title={`Exit ${block.exit}`} />;
}

function Logs({ host }: { host: string | null }) {
  const desk = useDesk();
  const logs = useCall("logs_list", {});
  return (
    <section>
      <h2>Session logs</h2>
      <Loaded from={logs} what="the session logs" rows={3}>
        {(all) => {
          const own = all.filter((log) => log.host === host && host !== null);
          if (own.length === 0) return <p className="secondary">No session of this host was recorded.</p>;
          return (
            <ul className="blocks">
              {own.map(({ id, started_at, mode, title }) => (
                <li key={id}>
                  <button type="button" className="block" onClick={() => desk.go("logs", id)}>
                    <Machine>{title}</Machine>
                    <span className="faint small">{mode}</span>
                    <RelativeTime at={started_at} />
                  </button>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </section>
  );
}
