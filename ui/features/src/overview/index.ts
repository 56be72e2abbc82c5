// The first page.
import "./overview.css";

export { OverviewPage } from "./OverviewPage";
