// Search across the nouns.
export { lookUp } from "./look";
