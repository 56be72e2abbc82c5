// Vulnerabilities: findings, one vulnerability, what closes them, exceptions, feeds and the trend.
import "./vulnerabilities.css";

export { ExceptionsPage } from "./exceptions/ExceptionsPage";
export { readExceptionsView, writeExceptionsView } from "./exceptions/view";
export { FeedsPage } from "./feeds/FeedsPage";
export { readFeedsView, writeFeedsView } from "./feeds/view";
export { FixesPage } from "./fixes/FixesPage";
export { readFixesView, writeFixesView } from "./fixes/view";
export { HostVulnerabilities } from "./host/HostVulnerabilities";
export { readHostVulnerabilities, writeHostVulnerabilities, type HostVulnerabilitiesView } from "./host/view";
export { PackagePage } from "./PackagePage";
export { VulnerabilityPage } from "./page/VulnerabilityPage";
export { readVulnerabilityView, writeVulnerabilityView } from "./page/view";
export { TrendPage } from "./trend/TrendPage";
export { readTrendView, writeTrendView } from "./trend/series";
export { readFindingsView, writeFindingsView } from "./view";
export { VulnerabilitiesPage } from "./VulnerabilitiesPage";
