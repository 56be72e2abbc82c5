// A path on this device: typed, or chosen with the system's dialog where there is one.
import { notifyFailed } from "@luumen/kit";
import { Button, TextInput } from "@mantine/core";

import { useDesk } from "../desk/context";

interface Props {
  label: string;
  kind: "open" | "save" | "folder";
  value: string;
  onChange: (path: string) => void;
  suggested?: string;
  autoFocus?: boolean;
}

export function PathInput({ label, kind, value, onChange, suggested, autoFocus }: Props) {
  const { backend } = useDesk();
  const choose = () => {
    backend
      .choosePath?.({ kind, title: label, ...(suggested ? { suggested: suggested.split("/").at(-1) } : {}) })
      .then((path) => path !== null && onChange(path))
      .catch((error: unknown) => notifyFailed("choose a file", error));
  };
  return (
    <div className="path-input">
      <TextInput
        size="xs"
        className="grow"
        label={label}
        spellCheck={false}
        autoComplete="off"
        data-autofocus={autoFocus || undefined}
        classNames={{ input: "machine" }}
        placeholder={suggested}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {backend.choosePath && (
        <Button size="xs" variant="default" onClick={choose}>
          Choose…
        </Button>
      )}
    </div>
  );
}
