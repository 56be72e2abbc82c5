// What a list or a page shows when it has nothing to show: loading, empty, failed.
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconRefresh } from "@tabler/icons-react";
import { useEffect, useState, type ReactNode } from "react";

import { CopyButton } from "../text/text";
import { describeFailure } from "./failure";

const QUIET_MS = 300;

/** Grey bars at once, and words after 300 ms. */
export function Loading({ what, rows = 6 }: { what: string; rows?: number }) {
  const [said, setSaid] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSaid(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="loading" aria-busy="true">
      <p role="status">{said ? `Loading ${what}…` : " "}</p>
      <div aria-hidden>
        {Array.from({ length: rows }, (_, index) => (
          <div key={index} className="skeleton" />
        ))}
      </div>
    </div>
  );
}

/** Nothing is there, and what a person can do about it. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children && <div className="empty-body">{children}</div>}
      {action && <div className="empty-action">{action}</div>}
    </div>
  );
}

/** What happened, why if known, what to do next, the code and the request's id. */
export function Failed({ doing, error, onRetry }: { doing: string; error: unknown; onRetry?: () => void }) {
  const failure = describeFailure(error);
  return (
    <div className="failed" role="alert">
      <IconAlertTriangle size={20} aria-hidden />
      <div>
        <h2>Could not {doing}</h2>
        <p>{failure.detail ? `${failure.title}: ${failure.detail}` : failure.title}</p>
        {failure.nextStep && <p>{failure.nextStep}</p>}
        <p className="faint">
          <span className="machine">{failure.code}</span>
          {failure.requestId && (
            <>
              {" · request "}
              <span className="machine">{failure.requestId}</span>
              <CopyButton text={failure.requestId} label="Copy the request id" />
            </>
          )}
        </p>
        {onRetry && (
          <Button size="xs" variant="default" leftSection={<IconRefresh size={14} aria-hidden />} onClick={onRetry}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}

/** What this needs to know of a running question to a server. */
export interface Loadable<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

/** Draws what was loaded, or why it was not. */
export function Loaded<T>({
  from,
  what,
  rows,
  children,
}: {
  from: Loadable<T>;
  what: string;
  rows?: number;
  children: (data: T) => ReactNode;
}) {
  if (from.data !== undefined) return <>{children(from.data)}</>;
  if (from.error) return <Failed doing={`load ${what}`} error={from.error} onRetry={() => void from.refetch()} />;
  return <Loading what={what} {...(rows ? { rows } : {})} />;
}
