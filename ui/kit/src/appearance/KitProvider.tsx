// The frame that every screen stands in: theme, dialogs and notices.
import {
  Button,
  createTheme,
  MantineProvider,
  Modal,
  Drawer,
  Notification,
  PasswordInput,
  Tooltip,
  type MantineColorsTuple,
} from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import type { ReactNode } from "react";

import { ConfirmProvider } from "../dialog/confirm";
import { KeysProvider } from "../keys/keys";

const shades = (value: string): MantineColorsTuple => [
  value, value, value, value, value, value, value, value, value, value,
];

const quiet = { transitionProps: { duration: 0 } };

const theme = createTheme({
  primaryColor: "accent",
  primaryShade: 6,
  colors: { accent: shades("var(--accent)") },
  fontFamily: "var(--font)",
  fontFamilyMonospace: "var(--mono)",
  fontSizes: {
    xs: "var(--text-small)",
    sm: "var(--text-base)",
    md: "var(--text-base)",
    lg: "var(--text-title)",
    xl: "var(--text-page)",
  },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  radius: { xs: "3px", sm: "4px", md: "6px", lg: "8px", xl: "12px" },
  defaultRadius: "sm",
  respectReducedMotion: true,
  cursorType: "pointer",
  components: {
    Button: Button.extend({ defaultProps: { variant: "filled" } }),
    Modal: Modal.extend({ defaultProps: { ...quiet, centered: true, closeButtonProps: { "aria-label": "Close" } } }),
    Drawer: Drawer.extend({
      defaultProps: { ...quiet, position: "right", closeButtonProps: { "aria-label": "Close" } },
    }),
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { "aria-label": "Close the notice" } } }),
    PasswordInput: PasswordInput.extend({
      defaultProps: { visibilityToggleButtonProps: { "aria-label": "Show or hide what is typed" } },
    }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, events: { hover: true, focus: true, touch: true } } }),
  },
});

export function KitProvider({ children }: { children: ReactNode }) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notifications position="bottom-right" autoClose={6000} />
      <KeysProvider>
        <ConfirmProvider>{children}</ConfirmProvider>
      </KeysProvider>
    </MantineProvider>
  );
}
