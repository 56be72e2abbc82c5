// Seats agents and runs.
export { AgentsPage as default } from "@luumen/features/runs";
