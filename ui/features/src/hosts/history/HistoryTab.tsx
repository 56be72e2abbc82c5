// The visits of a host on a time line; pick two to see what changed, or one to see the host as it was.
import type { SnapshotSummary } from "@luumen/api-client";
import { Count, durationWords, Empty, exactWords, Failed, Loading, Panel, plural, RelativeTime, shortMoment, StateMark, Unknown } from "@luumen/kit";
import { Button, Checkbox, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, type FormEvent } from "react";

import type { HostView } from "../hostView";
import { historyQuery } from "../snapshotQueries";
import { OUTCOMES, SECTIONS } from "../words";
import { notKnownWords, unreadSections } from "./diff";
import { DiffPanel } from "./DiffPanel";
import { pick, placeVisits } from "./timeline";

interface Props {
  id: string;
  view: HostView;
  onView: (next: HostView) => void;
}

export function HistoryTab({ id, view, onView }: Props) {
  const history = useInfiniteQuery(historyQuery(id));
  const visits = history.data?.pages.flatMap((page) => page.items) ?? [];
  const choose = (visit: string) => onView({ ...view, ...pick(visits, view, visit) });

  if (history.isPending) return <Loading what="the history" rows={8} />;
  if (history.isError && visits.length === 0) {
    return <Failed doing="load the history" error={history.error} onRetry={() => void history.refetch()} />;
  }
  if (visits.length === 0) {
    return (
      <Panel title="History">
        <Empty title="No visit has succeeded yet">Every visit that the agent makes will stand here on a time line.</Empty>
      </Panel>
    );
  }
  const pair = view.from !== null && view.to !== null;
  return (
    <div className="history">
      <Panel title="Visits" note={pair ? "comparing the two that are picked" : "pick two to see what changed"} actions={<AsOf onPick={(asOf) => onView({ ...view, tab: "facts", snapshot: null, asOf })} />}>
        <TimeLine visits={visits} view={view} onPick={choose} />
      </Panel>
      {view.from && view.to && <DiffPanel id={id} from={view.from} to={view.to} />}
      <Panel title="List of visits" note={plural(visits.length, "visit")} flush>
        <VisitTable
          visits={visits}
          first={history.hasNextPage ? undefined : visits.at(-1)?.id}
          view={view}
          onPick={choose}
          onShow={(snapshot) => onView({ ...view, tab: "facts", snapshot, asOf: null })}
        />
        {history.hasNextPage && (
          <Button variant="subtle" size="compact-sm" m={8} loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
            Show older visits
          </Button>
        )}
      </Panel>
    </div>
  );
}

function TimeLine({ visits, view, onPick }: { visits: SnapshotSummary[]; view: HostView; onPick: (id: string) => void }) {
  const points = placeVisits(visits);
  const first = points[0]?.visit;
  const last = points.at(-1)?.visit;
  const pressed = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The newest visits are at the end, and those are looked at first.
    if (pressed.current) pressed.current.scrollLeft = pressed.current.scrollWidth;
  }, []);
  return (
    <div className="time-line-frame">
      <div className="time-line" ref={pressed} role="group" aria-label="Visits on a time line">
        <div className="time-line-track" style={{ minWidth: Math.min(points.length * 14, 4000) }}>
          {points.map(({ visit, at }) => {
            const { tone, word } = OUTCOMES[visit.outcome];
            const chosen = visit.id === view.from || visit.id === view.to;
            const changes = visit.changed_sections.length;
            return (
              <button
                key={visit.id}
                type="button"
                className="visit-dot"
                data-tone={tone}
                data-changed={changes > 0 || undefined}
                aria-pressed={chosen}
                style={{ left: `${at * 100}%` }}
                title={dotTitle(visit)}
                aria-label={`Visit of ${exactWords(new Date(visit.taken_at))}, ${word}, ${plural(changes, "section")} changed`}
                onClick={() => onPick(visit.id)}
              />
            );
          })}
        </div>
      </div>
      <div className="time-line-ends">
        <span>{first && shortMoment(new Date(first.taken_at))}</span>
        <span className="faint">larger marks: something changed</span>
        <span>{last && shortMoment(new Date(last.taken_at))}</span>
      </div>
    </div>
  );
}

function dotTitle(visit: SnapshotSummary): string {
  const changed = visit.changed_sections.map((kind) => SECTIONS[kind]).join(", ");
  const what = changed ? `changed: ${changed}` : (notKnownWords(visit) ?? "nothing changed");
  return `${exactWords(new Date(visit.taken_at))}: ${OUTCOMES[visit.outcome].word}, ${what}`;
}

function VisitTable({
  visits,
  first,
  view,
  onPick,
  onShow,
}: {
  visits: SnapshotSummary[];
  /** The very first visit, which has none before it. */
  first: string | undefined;
  view: HostView;
  onPick: (id: string) => void;
  onShow: (id: string) => void;
}) {
  return (
    <div className="plain-scroll" role="group" aria-label="Visits" tabIndex={0}>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Compare</th>
            <th scope="col">Visit</th>
            <th scope="col">Outcome</th>
            <th scope="col">Changed since the visit before</th>
            <th scope="col" data-align="end">
              Packages
            </th>
            <th scope="col" data-align="end">
              Took
            </th>
            <th scope="col">
              <span className="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {visits.map((visit) => {
            const { tone, word, title } = OUTCOMES[visit.outcome];
            const changed = visit.changed_sections.map((kind) => SECTIONS[kind]).join(", ");
            const notKnown = notKnownWords(visit);
            return (
              <tr key={visit.id}>
                <td>
                  <Checkbox
                    size="xs"
                    aria-label={`Compare the visit of ${exactWords(new Date(visit.taken_at))}`}
                    checked={visit.id === view.from || visit.id === view.to}
                    onChange={() => onPick(visit.id)}
                  />
                </td>
                <td className="nowrap">
                  <RelativeTime at={visit.taken_at} /> <span className="faint">{shortMoment(new Date(visit.taken_at))}</span>
                </td>
                <td>
                  <StateMark tone={tone} word={word} title={title} />
                </td>
                <td>
                  {visit.id === first ? <span className="faint">the first visit</span> : changed || <span className="faint">nothing</span>}
                  {visit.id !== first && notKnown && (
                    <span className="faint" title={unreadSections(visit).map((kind) => SECTIONS[kind]).join(", ")}>
                      ; {notKnown}
                    </span>
                  )}
                </td>
                <td data-align="end">
                  {visit.package_count == null ? <Unknown why="The packages could not be read whole." /> : <Count value={visit.package_count} />}
                </td>
                <td data-align="end" className="number nowrap">
                  {durationWords(visit.duration_ms)}
                </td>
                <td data-align="end">
                  <button type="button" className="link nowrap" onClick={() => onShow(visit.id)}>
                    Show as of then
                  </button>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** A moment to look at: the snapshot that was newest then. */
function AsOf({ onPick }: { onPick: (asOf: string) => void }) {
  const [moment, setMoment] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (moment) onPick(new Date(moment).toISOString());
  };
  return (
    <form className="as-of" onSubmit={submit}>
      <TextInput
        size="xs"
        type="datetime-local"
        aria-label="Show the host as of"
        value={moment}
        onChange={(event) => setMoment(event.currentTarget.value)}
      />
      <Button size="xs" variant="default" type="submit" disabled={!moment}>
        Show as of
      </Button>
    </form>
  );
}
