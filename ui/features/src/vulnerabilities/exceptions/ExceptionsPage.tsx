// Exceptions: what somebody decided to live with, why, and until when.
import type { Exception } from "@luumen/api-client";
import {
  DataTable,
  Empty,
  Failed,
  FilterInput,
  Loading,
  notifyDone,
  notifyFailed,
  Page,
  plural,
  RelativeTime,
  StateMark,
  useConfirm,
  useKeys,
  type Column,
} from "@luumen/kit";
import { Button, Drawer, SegmentedControl } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";

import { useMay } from "../../session";
import { AreaNav } from "../AreaNav";
import { createException, deleteException, exceptionsQuery, refreshAll, updateException } from "../queries";
import { EXCEPTION_KINDS, EXCEPTION_STATES } from "../words";
import { ExceptionForm } from "./ExceptionForm";
import { change, coversWords, creation, fieldsOf, findExceptions, newFields } from "./fields";
import type { ExceptionsView, Which } from "./view";

const COLUMNS: Column<Exception>[] = [
  { id: "covers", title: "Covers", width: 220, grow: 2, cell: coversWords },
  {
    id: "state",
    title: "State",
    width: 96,
    grow: 0,
    cell: ({ state }) => {
      const { tone, word, title } = EXCEPTION_STATES[state];
      return <StateMark tone={tone} word={word} title={title} />;
    },
  },
  { id: "kind", title: "Why", width: 164, grow: 0, cell: ({ kind }) => <span title={EXCEPTION_KINDS[kind].title}>{EXCEPTION_KINDS[kind].word}</span> },
  { id: "reason", title: "Reason", width: 150, grow: 2, cell: ({ reason }) => reason },
  { id: "owner", title: "Owner", width: 100, grow: 0, cell: ({ owner }) => owner ?? <span className="faint">nobody</span> },
  { id: "ticket", title: "Ticket", width: 90, grow: 0, cell: ({ ticket }) => ticket ?? <span className="faint">none</span> },
  { id: "expires", title: "Expires", width: 100, grow: 0, cell: ({ expires_at }) => <RelativeTime at={expires_at} /> },
  {
    id: "created",
    title: "Made",
    width: 110,
    grow: 0,
    cell: ({ created_at, created_by }) => (
      <span title={created_by ? `by ${created_by}` : "by nobody who is known"}>
        <RelativeTime at={created_at} />
      </span>
    ),
  },
];

export function ExceptionsPage({ view, onView }: { view: ExceptionsView; onView: (next: ExceptionsView) => void }) {
  const exceptions = useQuery(exceptionsQuery);
  const mayWrite = useMay("write_exceptions");
  const add = () => onView({ ...view, panel: "add" });
  useKeys(mayWrite ? [{ keys: "a", label: "Add an exception", run: add }] : []);
  return (
    <Page
      fill
      title="Exceptions"
      state={exceptions.data && <HowMany exceptions={exceptions.data} />}
      actions={
        mayWrite && (
          <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={add}>
            Add exception
          </Button>
        )
      }
    >
      <AreaNav current="exceptions" />
      <div className="filter-line">
        <FilterInput
          label="Search exceptions"
          placeholder="Vulnerability, package, host, reason, owner or ticket"
          value={view.q}
          onChange={(q) => onView({ ...view, q })}
        />
        <SegmentedControl
          size="xs"
          aria-label="Which exceptions"
          value={view.which}
          onChange={(which) => onView({ ...view, which: which as Which })}
          data={[
            { value: "all", label: "All" },
            { value: "active", label: "Active" },
            { value: "expired", label: "Expired" },
          ]}
        />
      </div>
      {exceptions.data ? (
        <Rows exceptions={exceptions.data} view={view} onView={onView} />
      ) : exceptions.isError ? (
        <div className="table-empty">
          <Failed doing="load the exceptions" error={exceptions.error} onRetry={() => void exceptions.refetch()} />
        </div>
      ) : (
        <div className="table-empty">
          <Loading what="exceptions" rows={8} />
        </div>
      )}
      <Panel view={view} exceptions={exceptions.data} onClose={() => onView({ ...view, panel: null })} />
    </Page>
  );
}

function HowMany({ exceptions }: { exceptions: Exception[] }) {
  const active = exceptions.filter(({ state }) => state === "active").length;
  const expired = exceptions.length - active;
  return (
    <>
      {plural(active, "exception")} {active === 1 ? "holds" : "hold"}
      {expired > 0 && `, ${expired} expired`}
    </>
  );
}

function Rows({ exceptions, view, onView }: { exceptions: Exception[]; view: ExceptionsView; onView: (next: ExceptionsView) => void }) {
  const shown = useMemo(
    () => findExceptions(exceptions, view.q).filter(({ state }) => view.which === "all" || state === view.which),
    [exceptions, view.q, view.which],
  );
  const narrowed = view.q !== "" || view.which !== "all";
  return (
    <DataTable
      label="Exceptions"
      columns={COLUMNS}
      rows={shown}
      rowId={({ id }) => id}
      onOpen={({ id }) => onView({ ...view, panel: id })}
      empty={
        narrowed ? (
          <Empty
            title="No exception matches"
            action={
              <Button variant="default" size="xs" onClick={() => onView({ ...view, q: "", which: "all" })}>
                Show all
              </Button>
            }
          />
        ) : (
          <Empty title="No exceptions">
            A finding that you decide to live with can be excepted, with a reason and until a day. It is still there, and open
            again by itself when the day has passed.
          </Empty>
        )
      }
    />
  );
}

/** Adds one, or edits or ends the one that is open. */
function Panel({ view, exceptions, onClose }: { view: ExceptionsView; exceptions: Exception[] | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const mayWrite = useMay("write_exceptions");
  const saved = (message: string) => () => {
    notifyDone(message);
    refreshAll(client);
    onClose();
  };
  const edited = exceptions?.find(({ id }) => id === view.panel);
  return (
    <Drawer opened={view.panel !== null} onClose={onClose} size="md" title={view.panel === "add" ? "Add an exception" : "Exception"}>
      {view.panel === "add" && (
        <ExceptionForm
          initial={newFields(new Date())}
          action="Add exception"
          onSave={(fields) => createException(creation(fields))}
          onSaved={saved("Exception added")}
          onCancel={onClose}
        />
      )}
      {edited && mayWrite && (
        <>
          <ExceptionForm
            key={edited.id}
            initial={fieldsOf(edited)}
            about={`Covers ${coversWords(edited)}. What it covers cannot be changed.`}
            decided
            action="Save"
            onSave={(fields, before) => updateException(edited.id, change(fields, before))}
            onSaved={saved("Exception saved")}
            onCancel={onClose}
          />
          <Ending exception={edited} onEnded={saved("Exception ended; what it covered is open again")} />
        </>
      )}
      {edited && !mayWrite && <p>{`${coversWords(edited)}: ${edited.reason}`}</p>}
      {view.panel && view.panel !== "add" && exceptions && !edited && (
        <Empty title="This exception is gone">It was deleted; what it covered is open again.</Empty>
      )}
    </Drawer>
  );
}

/** A minute ago: the server's clock may be a little behind this one. */
function justNow(): string {
  return new Date(Date.now() - 60_000).toISOString();
}

function Ending({ exception, onEnded }: { exception: Exception; onEnded: () => void }) {
  const confirm = useConfirm();
  const act = async (question: { title: string; body: string; action: string }, run: () => Promise<unknown>, doing: string) => {
    if (!(await confirm(question))) return;
    try {
      await run();
      onEnded();
    } catch (error) {
      notifyFailed(doing, error);
    }
  };
  const covers = coversWords(exception);
  return (
    <div className="drawer-actions ending">
      {exception.state === "active" && (
        <Button
          size="xs"
          variant="default"
          onClick={() =>
            void act(
              { title: "End this exception?", body: `${covers} counts as open again at once. The exception stays in the list as expired.`, action: "End it now" },
              () => updateException(exception.id, { expires_at: justNow() }),
              "end the exception",
            )
          }
        >
          End now
        </Button>
      )}
      <Button
        size="xs"
        className="danger"
        onClick={() =>
          void act(
            { title: "Delete this exception?", body: `${covers} counts as open again, and nothing remembers why it was excepted.`, action: "Delete it" },
            () => deleteException(exception.id),
            "delete the exception",
          )
        }
      >
        Delete
      </Button>
    </div>
  );
}
