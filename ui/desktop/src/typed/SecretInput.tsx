// Where a secret is typed. It shows how much was typed and never what: to show it, the page would have to make a text of it.
import { TypedSecret } from "@luumen/backend";
import { TextInput, type TextInputProps } from "@mantine/core";
import { useEffect, useReducer, useRef, useState } from "react";

import { tie } from "./field";

/** A secret of this form. The form draws itself again while it is typed; it is wiped when the form goes. */
export function useTypedSecret(): TypedSecret {
  const [secret] = useState(() => new TypedSecret());
  const [, drawAgain] = useReducer((times: number) => times + 1, 0);
  useEffect(() => {
    const stop = secret.onChange(drawAgain);
    return () => {
      stop();
      secret.wipe();
    };
  }, [secret]);
  return secret;
}

type Props = Omit<TextInputProps, "value" | "defaultValue" | "onChange" | "type" | "ref"> & { secret: TypedSecret };

export function SecretInput({ secret, ...props }: Props) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => (field.current ? tie(field.current, secret) : undefined), [secret]);
  return <TextInput ref={field} type="password" autoComplete="off" autoCapitalize="off" spellCheck={false} {...props} />;
}
