// Agents and the runs they make.
export { AgentsPage } from "./AgentsPage";
export { AgentTable } from "./AgentTable";
export { RunPage } from "./RunPage";
export { RunTable } from "./RunTable";
export { agentsHref, readAgentsView, writeAgentsView, type AgentsView } from "./view";
export { AgentCommands, agentConfig, NameTheCredential, StartAgent } from "./StartAgent";
