// The HTTP contract for the browser: generated types under short names, and a client that throws.
import type { components } from "./schema";

export { api, dataOf, onSignedOut } from "./client";
export { ApiError, type Problem } from "./error";

type Schemas = components["schemas"];

export type Agent = Schemas["Agent"];
export type ApiKey = Schemas["ApiKey"];
export type ApiKeyScope = Schemas["ApiKeyScope"];
export type FacetValue = Schemas["FacetValue"];
export type Host = Schemas["Host"];
export type HostState = Schemas["HostState"];
export type HostSummary = Schemas["HostSummary"];
export type ImportReport = Schemas["ImportReport"];
export type ImportRow = Schemas["ImportRow"];
export type MissingRight = Schemas["MissingRight"];
export type NewHost = Schemas["NewHost"];
export type Outcome = Schemas["Outcome"];
export type Overview = Schemas["Overview"];
export type PackageChange = Schemas["PackageChange"];
export type PackageOnHost = Schemas["PackageOnHost"];
export type PackageSummary = Schemas["PackageSummary"];
export type Permission = Schemas["Permission"];
export type Property = Schemas["Property"];
export type PropertyChange = Schemas["PropertyChange"];
export type Run = Schemas["Run"];
export type RunHost = Schemas["RunHost"];
export type RunState = Schemas["RunState"];
export type RunSummary = Schemas["RunSummary"];
export type SectionKind = Schemas["SectionKind"];
export type SectionRecord = Schemas["SectionRecord"];
export type SectionStatus = Schemas["SectionStatus"];
export type SessionInfo = Schemas["SessionInfo"];
export type SnapshotDiff = Schemas["SnapshotDiff"];
export type SnapshotDocument = Schemas["SnapshotDocument"];
export type SnapshotSummary = Schemas["SnapshotSummary"];
export type UpdateHost = Schemas["UpdateHost"];
export type UpdateWorkspace = Schemas["UpdateWorkspace"];
export type VisitError = Schemas["VisitError"];
export type Workspace = Schemas["Workspace"];
