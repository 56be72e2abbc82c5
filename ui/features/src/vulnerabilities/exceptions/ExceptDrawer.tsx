// Accepts findings that were chosen in a list: an exception for each, all with the same reason.
import type { Finding } from "@luumen/api-client";
import { exactCount, notifyDone, notifyFailed, plural } from "@luumen/kit";
import { Drawer } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { inTurn, madeWords } from "../../hosts/inTurn";
import { useStop } from "../../hosts/useStop";
import { createException, refreshAll } from "../queries";
import { keyText } from "../view";
import { ExceptionForm } from "./ExceptionForm";
import { creation, newFields, type ExceptionFields } from "./fields";

const NAMED = 5;

function aboutWords(findings: Finding[]): string {
  const named = findings.slice(0, NAMED).map(({ vulnerability, package: name }) => `${vulnerability} in ${name}`);
  const rest = findings.length - named.length;
  return `Covers ${named.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}.`;
}

interface Props {
  /** What to except; nothing closes it. */
  findings: Finding[] | null;
  onClose: (done: boolean) => void;
}

export function ExceptDrawer({ findings, onClose }: Props) {
  // What was chosen when it opened: the list behind it may be loaded anew while a person writes.
  const [chosen, setChosen] = useState<Finding[] | null>(null);
  if ((findings === null) !== (chosen === null)) setChosen(findings);
  return (
    <Drawer opened={chosen !== null} onClose={() => onClose(false)} size="md" title={chosen && `Except ${plural(chosen.length, "finding")}`}>
      {chosen && <Chosen findings={chosen} onClose={onClose} />}
    </Drawer>
  );
}

/** One opening of the drawer. Closed, it makes no more: whoever cancels does not want the rest. */
function Chosen({ findings, onClose }: { findings: Finding[]; onClose: Props["onClose"] }) {
  const client = useQueryClient();
  const { begin } = useStop();
  const [progress, setProgress] = useState<string | null>(null);
  // Those that were made stay made: sent again, the form makes only the rest.
  const made = useRef(new Set<string>());
  const save = async (fields: ExceptionFields) => {
    const signal = begin();
    const told = () => setProgress(`Excepting: ${exactCount(made.current.size)} of ${exactCount(findings.length)}`);
    told();
    const { failed } = await inTurn(
      findings.filter((finding) => !made.current.has(keyText(finding))),
      async (finding) => {
        await createException(creation({ ...fields, vulnerability: finding.vulnerability, package: finding.package }));
        made.current.add(keyText(finding));
      },
      told,
      signal,
    );
    setProgress(null);
    refreshAll(client);
    if (made.current.size > 0) notifyDone(madeWords("Excepted", made.current.size, findings.length, "finding"));
    const [first] = failed;
    if (first && signal.aborted) notifyFailed(`except ${plural(failed.length, "finding")}`, first.error);
    // Thrown, it stands in the form; and a form that is closed must not close the next one as if it were its own.
    signal.throwIfAborted();
    if (first) throw first.error;
  };
  return (
    <ExceptionForm
      initial={newFields(new Date(), findings[0])}
      about={aboutWords(findings)}
      action={`Except ${plural(findings.length, "finding")}`}
      progress={findings.length > 1 ? progress : null}
      onSave={save}
      onSaved={() => onClose(true)}
      onCancel={() => onClose(false)}
    />
  );
}
