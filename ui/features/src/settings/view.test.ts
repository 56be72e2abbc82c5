import { expect, test } from "vitest";

import { readSettingsView, writeSettingsView, type SettingsView } from "./view";

test.each<SettingsView>([
  { tab: "workspace", making: false },
  { tab: "keys", making: true },
  { tab: "about", making: false },
])("the settings survive the URL: %o", (view) => {
  expect(readSettingsView(writeSettingsView(view))).toEqual(view);
});

test("a key is made among keys only, and an unknown tab is the first one", () => {
  expect(readSettingsView({ tab: "account", panel: "add" }).making).toBe(false);
  expect(readSettingsView({ tab: "colours" }).tab).toBe("workspace");
});
