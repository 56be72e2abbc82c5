// Pages that stand in for others: not found, still loading, broken.
import { Empty, Failed, Link, Loading, Page, Panel } from "@luumen/kit";
import type { ErrorComponentProps } from "@tanstack/react-router";

export function Missing() {
  return (
    <Page title="Not found">
      <Panel title="There is no such page">
        <Empty title="This address leads nowhere" action={<Link href="/">Go to the overview</Link>}>
          It may have been mistyped, or the page has moved.
        </Empty>
      </Panel>
    </Page>
  );
}

export function Waiting() {
  return (
    <div className="page">
      <Loading what="the page" />
    </div>
  );
}

export function Broken({ error, reset }: ErrorComponentProps) {
  return (
    <Page title="Something went wrong">
      <Panel>
        <Failed doing="show this page" error={error} onRetry={reset} />
      </Panel>
    </Page>
  );
}
