// The frame of a page: its name, one sentence on how things stand, what can be done, and panels below.
import { useEffect, type ReactNode } from "react";

export function Page({
  title,
  heading,
  state,
  actions,
  children,
  fill = false,
}: {
  /** The name in the browser's tab. */
  title: string;
  /** The name on the page, when it is more than the title. */
  heading?: ReactNode;
  state?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** The page takes exactly the window's height, and its table scrolls. */
  fill?: boolean;
}) {
  useEffect(() => {
    document.title = `${title} · Luumen`;
  }, [title]);
  return (
    <main className="page" data-fill={fill || undefined} id="main" tabIndex={-1}>
      <header className="page-head">
        <div className="page-name">
          <h1>{heading ?? title}</h1>
          {state && <p className="page-state">{state}</p>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </main>
  );
}

export function Panel({
  title,
  note,
  actions,
  children,
  id,
  flush = false,
}: {
  title?: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  id?: string;
  /** The content reaches the panel's edge, as tables do. */
  flush?: boolean;
}) {
  return (
    <section className="panel" id={id} data-flush={flush || undefined}>
      {title && (
        <header className="panel-head">
          <h2>{title}</h2>
          {note && <span className="panel-note">{note}</span>}
          {actions && <div className="panel-actions">{actions}</div>}
        </header>
      )}
      <div className="panel-body">{children}</div>
    </section>
  );
}
