// Where our knowledge comes from: how fresh each source is, what could not be read, under which licence.
import type { CatalogueInfo, Feed, FeedList } from "@luumen/api-client";
import {
  Count,
  Empty,
  FilterInput,
  Loaded,
  Page,
  Panel,
  PlainTable,
  RelativeTime,
  StateMark,
  type PlainColumn,
} from "@luumen/kit";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { AreaNav, CatalogueNote } from "../AreaNav";
import { feedsQuery } from "../queries";
import { catalogueWords, FEED_STATES } from "../words";
import { ImportBundle } from "./ImportBundle";
import { Refresh } from "./Refresh";
import type { FeedsView } from "./view";
import { brokenWords, feedsSentence, findFeeds, noticesOf, sortFeeds } from "./words";

const COLUMNS: PlainColumn<Feed>[] = [
  {
    id: "title",
    title: "Source",
    cell: ({ id, title, sample }) => (
      <div className="feed-name">
        <span>{title}</span>
        <span className="machine faint small">{id}</span>
        {sample && <StateMark tone="warning" word="Sample" title="Made up for show" />}
      </div>
    ),
  },
  {
    id: "state",
    title: "State",
    cell: ({ state }) => {
      const { tone, word, title } = FEED_STATES[state];
      return <StateMark tone={tone} word={word} title={title} />;
    },
  },
  { id: "success", title: "Last success", cell: ({ last_success_at, document_count }) => <RelativeTime at={last_success_at} empty={document_count > 0 ? "not fetched here" : "never"} /> },
  { id: "age", title: "Data from", cell: ({ fetched_at, document_count }) => <RelativeTime at={fetched_at} empty={document_count > 0 ? "not known" : "none held"} /> },
  { id: "stale", title: "Stale from", cell: ({ stale_at }) => <RelativeTime at={stale_at} empty="not known" /> },
  { id: "documents", title: "Documents", align: "end", cell: ({ document_count }) => <Count value={document_count} /> },
  {
    id: "problems",
    title: "Not read",
    cell: (feed) => {
      const words = brokenWords(feed);
      return words ? <StateMark tone="partial" word={words} title="What was known of them before is still used" /> : <span className="faint">none</span>;
    },
  },
  { id: "licence", title: "Licence", cell: ({ licence }) => licence },
];

export function FeedsPage({ view, onView }: { view: FeedsView; onView: (next: FeedsView) => void }) {
  const feeds = useQuery(feedsQuery);
  return (
    <Page
      title="Feeds"
      state={feeds.data && feedsSentence(feeds.data.items)}
      actions={
        feeds.data && (
          <>
            <Refresh going={feeds.data.job ?? null} />
            <ImportBundle opened={view.importing} onOpened={(importing) => onView({ ...view, importing })} />
          </>
        )
      }
    >
      <AreaNav current="feeds" />
      <Loaded from={feeds} what="the feeds" rows={10}>
        {(data) => <Body data={data} q={view.q} onQ={(q) => onView({ ...view, q })} />}
      </Loaded>
    </Page>
  );
}

function Body({ data: { items, catalogue }, q, onQ }: { data: FeedList; q: string; onQ: (q: string) => void }) {
  const shown = useMemo(() => findFeeds(sortFeeds(items), q), [items, q]);
  return (
    <>
      <CatalogueNote catalogue={catalogue} />
      {items
        .filter(({ last_error }) => last_error)
        .map(({ id, title, last_error, last_attempt_at }) => (
          <div key={id} className="trouble" data-tone="failed" role="status">
            <StateMark tone="failed" word={`${title} could not be read`} />
            <p>
              {last_error} <span className="faint">tried <RelativeTime at={last_attempt_at} /></span>
            </p>
          </div>
        ))}
      {catalogue && <CataloguePanel catalogue={catalogue} />}
      <div className="filter-line">
        <FilterInput label="Search the feeds" placeholder="Name, licence, state or error" value={q} onChange={onQ} />
      </div>
      <Panel title="Sources" flush>
        {shown.length > 0 ? (
          <PlainTable label="Feeds" columns={COLUMNS} rows={shown} rowId={({ id }) => id} />
        ) : (
          <Empty title={q ? "No feed matches" : "No feed is set up"}>
            {q ? "Names, licences, states and errors are searched." : "The server's settings say which sources are read."}
          </Empty>
        )}
      </Panel>
      <Notices feeds={items} />
    </>
  );
}

function CataloguePanel({ catalogue }: { catalogue: CatalogueInfo }) {
  return (
    <Panel title="Catalogue">
      <p>
        {catalogueWords(catalogue)}, built <RelativeTime at={catalogue.built_at} />
      </p>
    </Panel>
  );
}

/** Sentences that licences ask to be shown. */
function Notices({ feeds }: { feeds: Feed[] }) {
  const notices = noticesOf(feeds);
  if (notices.length === 0) return null;
  return (
    <Panel title="Notices of the sources">
      <ul className="notices">
        {notices.map(({ notice, titles }) => (
          <li key={notice}>
            {notice} <span className="faint">({titles.join(", ")})</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
