// The rail on the left: workspace, search, pages, the person signed in.
import { switchWorkspace, useSession } from "@luumen/features/session";
import { Link, notifyFailed, useAppearance, useGo } from "@luumen/kit";
import { Menu } from "@mantine/core";
import { IconCheck, IconLogout, IconMoon, IconSearch, IconSelector, IconSun, IconUserCircle } from "@tabler/icons-react";
import { useRouterState } from "@tanstack/react-router";

import { PAGES } from "./pages";
import { useSignOut } from "./useSignOut";

export function Rail({ onSearch }: { onSearch: () => void }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <nav className="rail" aria-label="Main">
      <Workspaces />
      <button type="button" className="rail-search" aria-label="Search" onClick={onSearch}>
        <IconSearch size={15} aria-hidden />
        <span className="rail-word">Search</span>
        <kbd className="rail-word" aria-hidden>
          Ctrl K
        </kbd>
      </button>
      <ul>
        {PAGES.map(({ name, href, icon: Mark, holds }) => (
          <li key={href}>
            <Link href={href} className="rail-link" aria-current={holds(path) ? "page" : undefined} title={name}>
              <Mark size={17} stroke={1.7} aria-hidden />
              <span className="rail-word">{name}</span>
            </Link>
          </li>
        ))}
      </ul>
      <Person />
    </nav>
  );
}

function Workspaces() {
  const { workspace_id, workspace_name, workspaces } = useSession();
  const change = (id: string) => {
    switchWorkspace(id).catch((error: unknown) => notifyFailed("switch the workspace", error));
  };
  return (
    <Menu position="bottom-start" width={240} transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <button type="button" className="rail-workspace" aria-label={`Workspace ${workspace_name}`} title={workspace_name}>
          <img src="/luumen.svg" alt="" width="22" height="22" />
          <span className="rail-word cut">{workspace_name}</span>
          <IconSelector size={14} className="rail-word" aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Workspaces</Menu.Label>
        {workspaces.map(({ id, name }) => (
          <Menu.Item
            key={id}
            onClick={() => id !== workspace_id && change(id)}
            rightSection={id === workspace_id && <IconCheck size={14} aria-label="current" />}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Person() {
  const { name, email } = useSession();
  const { scheme, setScheme } = useAppearance();
  const signOut = useSignOut();
  const go = useGo();
  return (
    <Menu position="right-end" width={220} transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <button type="button" className="rail-link rail-person" aria-label={`${name}, account`} title={email}>
          <IconUserCircle size={17} stroke={1.7} aria-hidden />
          <span className="rail-word cut">{name}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{email}</Menu.Label>
        <Menu.Item leftSection={<IconUserCircle size={15} aria-hidden />} onClick={() => go("/settings?tab=account")}>
          Account and look
        </Menu.Item>
        <Menu.Item
          leftSection={scheme === "dark" ? <IconSun size={15} aria-hidden /> : <IconMoon size={15} aria-hidden />}
          onClick={() => setScheme(scheme === "dark" ? "light" : "dark")}
        >
          {scheme === "dark" ? "Light theme" : "Dark theme"}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={15} aria-hidden />} onClick={signOut}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
