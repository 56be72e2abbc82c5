// Seats the overview.
export { OverviewPage as default } from "@luumen/features/overview";
