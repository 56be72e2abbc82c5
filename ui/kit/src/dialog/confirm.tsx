// Asks before something that cannot be undone.
import { Button, Group, Modal, Stack } from "@mantine/core";
import { createContext, useCallback, useContext, useRef, useState, type ReactNode } from "react";

export interface Question {
  title: string;
  /** What will happen, in full sentences. */
  body: ReactNode;
  /** The word on the button that does it. */
  action: string;
}

// A question may be asked from within a drawer.
const ABOVE_DRAWERS = 300;

type Ask = (question: Question) => Promise<boolean>;

const ConfirmContext = createContext<Ask | null>(null);

/** A function that asks, and answers whether the person agreed. */
export function useConfirm(): Ask {
  const ask = useContext(ConfirmContext);
  if (!ask) throw new Error("useConfirm needs a ConfirmProvider around it");
  return ask;
}

export function ConfirmProvider({ children }: { children: ReactNode }) {
  const [question, setQuestion] = useState<Question | null>(null);
  const [open, setOpen] = useState(false);
  const answer = useRef<(agreed: boolean) => void>(() => undefined);

  const ask = useCallback<Ask>((next) => {
    setQuestion(next);
    setOpen(true);
    return new Promise((resolve) => {
      answer.current = resolve;
    });
  }, []);

  const close = (agreed: boolean) => {
    setOpen(false);
    answer.current(agreed);
  };

  return (
    <ConfirmContext.Provider value={ask}>
      {children}
      <Modal opened={open} onClose={() => close(false)} title={question?.title} size="md" zIndex={ABOVE_DRAWERS}>
        <Stack gap="lg">
          <div>{question?.body}</div>
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={() => close(false)} data-autofocus>
              Cancel
            </Button>
            <Button className="danger" onClick={() => close(true)}>
              {question?.action}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </ConfirmContext.Provider>
  );
}
