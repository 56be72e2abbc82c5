// Short notices at the edge of the screen: what was done, or what could not be.
import { notifications } from "@mantine/notifications";

import { describeFailure } from "../state/failure";

/** Says that something was done. */
export function notifyDone(message: string): void {
  notifications.show({ message, withBorder: true, className: "notice-done" });
}

/** Says that something could not be done, and why. */
export function notifyFailed(doing: string, error: unknown): void {
  const failure = describeFailure(error);
  notifications.show({
    title: `Could not ${doing}`,
    message: [failure.detail ?? failure.title, failure.nextStep, failure.code].filter(Boolean).join(" · "),
    withBorder: true,
    autoClose: 12_000,
    className: "notice-failed",
  });
}
