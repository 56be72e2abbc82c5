// Links that the app's own router follows, without the parts knowing which router that is.
import { createContext, useContext, type AnchorHTMLAttributes, type MouseEvent } from "react";

export type Navigate = (href: string) => void;

const NavigateContext = createContext<Navigate>((href) => {
  window.location.assign(href);
});

export const NavigateProvider = NavigateContext.Provider;

/** Goes to an address of this app. */
export function useGo(): Navigate {
  return useContext(NavigateContext);
}

/** A link inside the app; new tabs and copied addresses work as everywhere. */
export function Link({ href, onClick, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const go = useGo();
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !plain) return;
    event.preventDefault();
    go(href);
  };
  return <a {...rest} href={href} onClick={follow} />;
}
