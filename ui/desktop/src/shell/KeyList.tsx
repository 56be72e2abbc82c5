// The list behind `?`: every key, by what it is for.
import { Kbd, Modal } from "@mantine/core";
import { Fragment } from "react";

import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { ACTIONS } from "../keys/actions";
import { useBindings, writtenKeys } from "./useKeyNames";

const AREAS = ["Find", "Tabs", "Panes", "Terminal", "Window"] as const;

export function KeyList() {
  const bindings = useBindings();
  const desk = useDesk();
  const opened = useStore(desk.help);
  const onClose = () => desk.help.set(false);
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" size="xl">
      {opened && (
        <div className="keys-columns">
          {AREAS.map((area) => (
            <section key={area}>
              <h3>{area}</h3>
              <dl className="key-list">
                {ACTIONS.filter((action) => action.area === area && bindings.has(action.id)).map(({ id, label }) => (
                  <Fragment key={id}>
                    <dt>
                      {writtenKeys(bindings.get(id) ?? "").map((key, index) => (
                        <Kbd key={index}>{key}</Kbd>
                      ))}
                    </dt>
                    <dd>{label}</dd>
                  </Fragment>
                ))}
              </dl>
            </section>
          ))}
          <p className="secondary">
            Ctrl with a letter, Alt with a key and keys alone always go to the shell.{" "}
            <button
              type="button"
              className="link"
              onClick={() => {
                onClose();
                desk.go("settings", "keys");
              }}
            >
              Choose other keys
            </button>
          </p>
        </div>
      )}
    </Modal>
  );
}
