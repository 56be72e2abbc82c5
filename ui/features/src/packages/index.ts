// Packages across the fleet.
import "./packages.css";

export { PackagesPage } from "./PackagesPage";
export { packagesHref, readPackagesView, writePackagesView } from "./view";
