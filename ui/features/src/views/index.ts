// Saved views of lists.
import "./views.css";

export { SavedViews } from "./SavedViews";
export { readSearch, writeSearch } from "./search";
