// Settings.
import "./settings.css";

export { SettingsPage } from "./SettingsPage";
export { readSettingsView, writeSettingsView } from "./view";
