// Hosts: the list, one host, and how they are added.
import "./hosts.css";

export { HostPage } from "./HostPage";
export { readHostView, writeHostView } from "./hostView";
export { HostsPage } from "./HostsPage";
export { readHostsView, writeHostsView, type Params } from "./view";
