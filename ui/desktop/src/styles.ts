// Every style of the desktop's screens, in the order in which later ones may narrow earlier ones.
import "./shell/shell.css";
import "./sessions/sessions.css";
import "./forwards/forwards.css";
import "./hosts/hosts.css";
import "./files/files.css";
import "./scans/scans.css";
import "./settings/settings.css";
import "./shell/small.css";
