// Shows a text before it is pasted, when it would do more than it seems to: several lines, hidden characters, a script from the net.
import { Button, Group, Modal, Stack } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useEffect } from "react";

import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import type { TerminalHandle } from "../terminal/handle";
import { asOneLine, inspectPaste, needsLook, visiblePieces, withoutHidden, type PasteReport, type PasteRisk } from "../terminal/paste";

const WORDS: Record<PasteRisk, (report: PasteReport) => string> = {
  lines: ({ lines }) => `${lines} lines: each may run as soon as it is pasted`,
  runs_at_once: () => "It ends with a line break: it may run as soon as it is pasted",
  hidden: ({ unseen }) => `It has ${unseen === 1 ? "a character" : `${unseen} characters`} that cannot be seen or only look like a space`,
  bidi: () => "It has characters that change the order in which text is read: what is shown is not what runs",
  control: () => "It has control characters that a terminal obeys; they are taken out",
  mixed_scripts: () => "A word mixes letters of different alphabets that look alike",
  pipe_to_shell: () => "It fetches a script from the net and runs it unread",
};

const SHOWN = 4000;

export function PasteGuard({ handle, production }: { handle: TerminalHandle; production: boolean }) {
  const desk = useDesk();
  const text = useStore(handle.pasting);
  const guarded = useStore(desk.preferences, ({ paste_guard }) => paste_guard);
  const report = text === null ? null : inspectPaste(text);
  const asks = report !== null && guarded && needsLook(report);
  useEffect(() => {
    if (text !== null && !asks) handle.paste(text);
  }, [text, asks, handle]);

  const close = () => {
    handle.pasting.set(null);
    handle.focus();
  };
  const paste = (given: string) => {
    handle.paste(given);
    handle.focus();
  };
  return (
    <Modal opened={asks} onClose={close} title={production ? "Paste into production?" : "Paste this?"} size="lg">
      {asks && text !== null && <Body text={text} report={report} onPaste={paste} onClose={close} />}
    </Modal>
  );
}

function Body({ text, report, onPaste, onClose }: { text: string; report: PasteReport; onPaste: (text: string) => void; onClose: () => void }) {
  const dangerous = report.risks.some((risk) => risk !== "lines" && risk !== "runs_at_once");
  const unseen = report.risks.some((risk) => risk === "hidden" || risk === "bidi" || risk === "control");
  const oneLine = asOneLine(text);
  return (
    <Stack gap="md">
      <ul className="paste-risks">
        {report.risks.map((risk) => (
          <li key={risk} data-risk={risk}>
            <IconAlertTriangle size={15} aria-hidden /> {WORDS[risk](report)}
          </li>
        ))}
      </ul>
      <Shown text={text} />
      <Group gap="sm" justify="flex-end">
        <Button size="xs" variant="default" onClick={onClose} data-autofocus={dangerous || undefined}>
          Cancel
        </Button>
        {unseen && (
          <Button size="xs" variant="default" onClick={() => onPaste(withoutHidden(text))}>
            Paste without them
          </Button>
        )}
        {(report.risks.includes("lines") || report.risks.includes("runs_at_once")) && (
          <Button size="xs" variant="default" onClick={() => onPaste(oneLine)}>
            {report.risks.includes("lines") ? "Paste as one line" : "Paste without the line break"}
          </Button>
        )}
        <Button size="xs" className={dangerous ? "danger" : undefined} onClick={() => onPaste(text)} data-autofocus={!dangerous || undefined}>
          Paste as it is
        </Button>
      </Group>
    </Stack>
  );
}

function Shown({ text }: { text: string }) {
  const cut = text.length > SHOWN;
  return (
    <div>
      <pre className="paste-text" tabIndex={0} role="group" aria-label="The text to paste">
        {visiblePieces(text.slice(0, SHOWN)).map(({ text: piece, mark }, index) =>
          mark ? (
            <mark key={index} title={`hidden character ${mark}`}>
              {mark}
            </mark>
          ) : (
            <span key={index}>{piece}</span>
          ),
        )}
      </pre>
      {cut && <p className="faint small">The first {SHOWN} characters of {text.length} are shown.</p>}
    </div>
  );
}
