// The environment of a host in a word and a colour. Production stands out; the others are quiet.
import type { contract } from "@luumen/backend";

import { ENVIRONMENTS } from "./effective";

const SHORT: Record<contract.Environment, string> = { production: "prod", staging: "stage", development: "dev", none: "" };

export function EnvironmentMark({ environment, whole }: { environment: contract.Environment; whole?: boolean }) {
  if (environment === "none") return null;
  return (
    <span className="environment" data-environment={environment} title={ENVIRONMENTS[environment]}>
      {whole ? ENVIRONMENTS[environment] : SHORT[environment]}
    </span>
  );
}
