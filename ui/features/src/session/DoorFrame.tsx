// The frame of the pages before the door: one card, the name, one form.
import type { ReactNode } from "react";
import { useEffect } from "react";

export function DoorFrame({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Luumen`;
  }, [title]);
  return (
    <main className="door">
      <div className="door-card">
        <p className="door-name">
          <img src="/luumen.svg" alt="" width="24" height="24" />
          Luumen
        </p>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
