// The sessions: tabs on top, the panes of the one that is seen, and the panel of its session beside them.
import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { activeTab } from "../layout/tabs";
import { BroadcastBanner } from "./BroadcastBanner";
import { BroadcastDialog } from "./BroadcastDialog";
import { SidePanel } from "./SidePanel";
import { Splits } from "./Splits";
import { StartScreen } from "./StartScreen";
import { TabStrip } from "./TabStrip";

export function SessionsPage() {
  const desk = useDesk();
  const layout = useStore(desk.layout);
  const panel = useStore(desk.panel);
  const tab = activeTab(layout);
  return (
    <main className="sessions" id="main" tabIndex={-1}>
      <h1 className="hidden">Sessions</h1>
      <TabStrip />
      {tab ? (
        <div className="sessions-body" data-panel={panel !== null || undefined}>
          <div className="sessions-panes">
            <BroadcastBanner tab={tab} />
            <Splits key={tab.id} tab={tab} />
          </div>
          {panel && <SidePanel pane={tab.active} />}
        </div>
      ) : (
        <StartScreen />
      )}
      <BroadcastDialog />
    </main>
  );
}
