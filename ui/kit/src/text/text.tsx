// Small pieces of text: what a machine said, counts, sizes, what is not known, and copying.
import { ActionIcon, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy, IconHelpCircle } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";

import { bytesWords, countWords, exactCount } from "../format/number";

/** Anything that a machine said: versions, paths, commands, ids. */
export function Machine({ children, title }: { children: string; title?: string }) {
  return (
    <span className="machine" title={title ?? children}>
      {children}
    </span>
  );
}

export function Count({ value }: { value: number }) {
  return (
    <span className="number" title={exactCount(value)}>
      {countWords(value)}
    </span>
  );
}

export function Bytes({ value }: { value: number }) {
  return (
    <span className="number" title={`${exactCount(value)} bytes`}>
      {bytesWords(value)}
    </span>
  );
}

/** Says that something is not known, and why: never an empty cell. */
export function Unknown({ why, children = "not known" }: { why?: string; children?: string }) {
  return (
    <span className="unknown" title={why ?? "The host did not tell."}>
      <IconHelpCircle size={13} aria-hidden />
      {children}
    </span>
  );
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await copyText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <Tooltip label={copied ? "Copied" : label}>
      <ActionIcon variant="subtle" size="sm" aria-label={copied ? "Copied" : label} onClick={() => void copy()}>
        {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}

/** Lines for a machine, with a button that copies them. */
export function CodeLines({ text, label }: { text: string; label: string }) {
  return (
    <div className="code-lines">
      <pre tabIndex={0} role="group" aria-label={label}>
        {text}
      </pre>
      <CopyButton text={text} label={`Copy: ${label}`} />
    </div>
  );
}

/** A label beside its value. */
export function Pair({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="pair">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

// Clipboard access needs a secure context; an address such as http://patch-server:8420 is none.
async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement("textarea");
  field.value = text;
  (document.querySelector('[role="dialog"]') ?? document.body).append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
