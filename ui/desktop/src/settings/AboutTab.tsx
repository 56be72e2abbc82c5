// What this is, where it keeps things, and whose work is in it.
import type { contract } from "@luumen/backend";
import { Empty, Loaded, Machine, Pair, Panel, plural, PlainTable } from "@luumen/kit";
import { Modal } from "@mantine/core";
import { useState } from "react";

import { SearchLine, useSearch } from "../access/SearchLine";
import { useCall } from "../desk/context";

export function AboutTab() {
  const about = useCall("about", {});
  return (
    <Loaded from={about} what="what is known of this app" rows={5}>
      {(data) => (
        <>
          <Panel title="Luumen">
            <dl>
              <Pair label="Version">
                <Machine>{data.version}</Machine>
              </Pair>
              {data.commit && (
                <Pair label="Built from">
                  <Machine>{data.commit}</Machine>
                </Pair>
              )}
              <Pair label="Keeps its data in">
                <Machine>{data.data_dir}</Machine>
              </Pair>
              <Pair label="Secrets">{data.secrets}</Pair>
              <Pair label="Network">Luumen connects to the hosts that you open, and to nothing else.</Pair>
            </dl>
          </Panel>
          <Licences licences={data.licences} />
        </>
      )}
    </Loaded>
  );
}

type Licence = contract.About["licences"][number];

function Licences({ licences }: { licences: contract.About["licences"] }) {
  const search = useSearch((each: Licence) => [each.name, each.licence]);
  const shown = search.of(licences);
  const [read, setRead] = useState<Licence | null>(null);
  return (
    <Panel flush title="Licences" note={`${plural(licences.length, "part")} made by others`}>
      <SearchLine search={search} label="Search the licences" />
      {shown.length === 0 ? (
        <Empty title={licences.length === 0 ? "The list of licences is not in this build" : `No part fits “${search.typed}”`} />
      ) : (
        <PlainTable
          label="Licences"
          rows={shown}
          cut={30}
          rowId={({ name, version }) => `${name} ${version}`}
          columns={[
            { id: "name", title: "Name", cell: ({ name }) => <Machine>{name}</Machine> },
            { id: "version", title: "Version", cell: ({ version }) => <Machine>{version}</Machine> },
            { id: "from", title: "From", cell: ({ from }) => (from === "npm" ? "npm" : "Rust") },
            {
              id: "licence",
              title: "Licence",
              cell: (each) => (
                <button type="button" className="link" aria-label={`Licence of ${each.name}`} onClick={() => setRead(each)}>
                  {each.licence}
                </button>
              ),
            },
          ]}
        />
      )}
      <Modal opened={read !== null} onClose={() => setRead(null)} size="xl" title={read ? `${read.name} ${read.version}` : ""} transitionProps={{ duration: 0 }}>
        {read && <Texts licence={read} />}
      </Modal>
    </Panel>
  );
}

/** As their library keeps them, word for word. */
function Texts({ licence }: { licence: Licence }) {
  const found = useCall("licence_texts", { numbers: licence.texts });
  return (
    <Loaded from={found} what="the text of the licence" rows={12}>
      {(texts) => texts.map((text, at) => <pre key={at} className="licence-text">{text}</pre>)}
    </Loaded>
  );
}
