// The frame: rail, hosts, the page, and the status bar; above all of it the palette and the list of keys.
import { setDensity } from "@luumen/kit";
import { useMantineColorScheme } from "@mantine/core";
import { useEffect } from "react";

import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { FilesPage } from "../files/FilesPage";
import { UnsentBanner } from "../files/UnsentBanner";
import { HostsPage } from "../hosts/HostsPage";
import { HostTree } from "../hosts/HostTree";
import { KeysPage } from "../access/KeysPage";
import { LogsPage } from "../logs/LogsPage";
import { ScansPage } from "../scans/ScansPage";
import { SessionsPage } from "../sessions/SessionsPage";
import { BackToConnection } from "../sessions/BackToConnection";
import { LooseQuestions } from "../sessions/LooseQuestions";
import { SettingsPage } from "../settings/SettingsPage";
import { CommandPalette } from "./CommandPalette";
import { KeyList } from "./KeyList";
import { Mistake } from "./Mistake";
import { Rail } from "./Rail";
import { StatusBar } from "./StatusBar";
import { useHappenings } from "./useHappenings";
import { useShortcuts } from "./useShortcuts";

const PAGES = {
  hosts: HostsPage,
  sessions: SessionsPage,
  files: FilesPage,
  scans: ScansPage,
  logs: LogsPage,
  keys: KeysPage,
  settings: SettingsPage,
};

export function Frame() {
  const desk = useDesk();
  const page = useStore(desk.view, (view) => view.page);
  const tree = useStore(desk.tree);
  const broken = useStore(desk.follow.broken);
  useShortcuts();
  useTheme();
  useDensity();
  useHappenings();
  useTreeInSmallWindow();
  const Page = PAGES[page];
  return (
    <div className="frame">
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <Rail />
      {tree && (
        <Mistake doing="show the hosts">
          <HostTree />
        </Mistake>
      )}
      <div id="page" className="frame-page" tabIndex={-1}>
        {broken && (
          <p className="banner" data-tone="failed" role="alert">
            {broken} What is shown may be old; start Luumen again.
          </p>
        )}
        <UnsentBanner />
        <BackToConnection />
        <Mistake key={page} doing={`show ${page}`}>
          <Page />
        </Mistake>
      </div>
      <StatusBar />
      <CommandPalette />
      <KeyList />
      <LooseQuestions />
    </div>
  );
}

/** As in `small.css`: there the tree lies over the page. */
const SMALL = "(max-width: 760px)";

/** In a small window the tree is there only while somebody looks for a host in it. */
function useTreeInSmallWindow(): void {
  const desk = useDesk();
  useEffect(() => {
    const small = window.matchMedia(SMALL);
    const follow = () => desk.tree.set(!small.matches);
    const hide = () => small.matches && desk.tree.set(false);
    if (small.matches) hide();
    small.addEventListener("change", follow);
    const stop = desk.view.subscribe(hide);
    return () => {
      small.removeEventListener("change", follow);
      stop();
    };
  }, [desk]);
}

/** Rows stand as close as the preference says. */
function useDensity(): void {
  const desk = useDesk();
  const density = useStore(desk.preferences, (preferences) => preferences.density);
  useEffect(() => setDensity(density), [density]);
}

/** The app's theme follows the preference, and the terminals follow the app. */
export function useTheme(): void {
  const desk = useDesk();
  const theme = useStore(desk.preferences, (preferences) => preferences.theme);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  useEffect(() => {
    const wanted = theme === "system" ? "auto" : theme;
    if (wanted !== colorScheme) setColorScheme(wanted);
  }, [theme, colorScheme, setColorScheme]);
  useEffect(() => {
    const follow = () => desk.allTerminals().forEach((handle) => handle.applyTheme());
    const observer = new MutationObserver(follow);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
    follow();
    return () => observer.disconnect();
  }, [desk]);
}
