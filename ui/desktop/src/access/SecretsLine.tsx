// Says in one line where the secrets of this device are.
import { useCall, useDesk } from "../desk/context";
import { placeWords } from "./places";

export function SecretsLine() {
  const desk = useDesk();
  const status = useCall("vault_status", {}).data;
  if (!status) return <>Looking where secrets live…</>;
  return (
    <>
      {placeWords(status)}{" "}
      <button type="button" className="link" onClick={() => desk.go("settings", "secrets")}>
        Change
      </button>
    </>
  );
}
