// Accepts findings that were chosen in a list: an exception for each, all with the same reason.
import type { Finding } from "@luumen/api-client";
import { notifyDone, plural } from "@luumen/kit";
import { Drawer } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";

import { inTurn } from "../../hosts/inTurn";
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

export function ExceptDrawer({ findings, onClose }: { findings: Finding[] | null; onClose: (done: boolean) => void }) {
  const client = useQueryClient();
  // Those that were made stay made: sent again, the form makes only the rest.
  const made = useRef(new Set<Finding>());
  const save = async (fields: ExceptionFields) => {
    const failed = await inTurn(
      (findings ?? []).filter((finding) => !made.current.has(finding)),
      async (finding) => {
        await createException(creation({ ...fields, vulnerability: finding.vulnerability, package: finding.package }));
        made.current.add(finding);
      },
      () => undefined,
    );
    refreshAll(client);
    const [first] = failed;
    if (first) throw first.error;
  };
  return (
    <Drawer opened={findings !== null} onClose={() => onClose(false)} size="md" title={findings && `Except ${plural(findings.length, "finding")}`}>
      {findings && (
        <ExceptionForm
          key={findings.map(keyText).join("|")}
          initial={newFields(new Date(), findings[0])}
          about={aboutWords(findings)}
          action={`Except ${plural(findings.length, "finding")}`}
          onSave={save}
          onSaved={() => {
            notifyDone(`Excepted: ${plural(findings.length, "finding")}`);
            onClose(true);
          }}
          onCancel={() => onClose(false)}
        />
      )}
    </Drawer>
  );
}
