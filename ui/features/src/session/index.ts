// The person signed in: sign in, first setup, one-time link, and what they may do.
import "./session.css";

export { FormFailure } from "./FormFailure";
export { LinkPage } from "./LinkPage";
export { changePassword, sessionQuery, signOut, useEnter, useMay, useSession, useSignedIn } from "./queries";
export { SetupPage } from "./SetupPage";
export { SignInPage } from "./SignInPage";
export { followWorkspace, switchWorkspace, wasSwitchedElsewhere } from "./workspace";
