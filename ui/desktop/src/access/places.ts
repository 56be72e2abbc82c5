// Where secrets live, said plainly.
import type { contract } from "@luumen/backend";

export function placeWords({ place, state }: Pick<contract.VaultStatus, "place" | "state">): string {
  switch (place) {
    case "keychain":
      return state === "locked" ? "Secrets are in this system's keychain, which is locked." : "Secrets are in this system's keychain.";
    case "vault":
      return state === "locked" ? "Secrets are in a sealed vault file, which is locked." : "Secrets are in a vault file that your passphrase seals.";
    case "none":
      return "Secrets are not kept: no keychain is used, and there is no vault yet. You are asked each time.";
  }
}
