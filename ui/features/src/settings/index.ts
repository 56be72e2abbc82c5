// Settings.
import "./settings.css";

export { SETTINGS_TABS, SettingsPage, type SettingsTab } from "./SettingsPage";
