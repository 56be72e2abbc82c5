// Says that what is shown is of before, while the server cannot be asked; gone as soon as it answers.
import { ApiError } from "@luumen/api-client";
import { clockWords, describeFailure, exactWords, StateMark } from "@luumen/kit";
import { Button } from "@mantine/core";
import { useState } from "react";

import { useUnanswered } from "./useUnanswered";

/** Moments this close are one to a person. */
const CLOSE_MS = 60_000;

export function UnansweredBanner() {
  const { unanswered, tryAgain } = useUnanswered();
  const [trying, setTrying] = useState(false);
  if (!unanswered) return null;
  const { since, oldest, error } = unanswered;
  const moment = (at: number) => clockWords(new Date(at), new Date());
  const answered = error instanceof ApiError && error.status > 0;
  const from = since - oldest > CLOSE_MS ? `What you see is from then, some of it from ${moment(oldest)}.` : "What you see is from then.";
  return (
    <div className="shell-banner" role="status" title={`Last answer: ${exactWords(new Date(since))}`}>
      <StateMark tone="stale" word={answered ? `Could not be read again since ${moment(since)}` : `No answer since ${moment(since)}`} />
      <p>
        {answered ? `${describeFailure(error).title.replace(/\.$/, "")}. ` : ""}
        {from}
      </p>
      <Button
        size="compact-xs"
        variant="default"
        loading={trying}
        onClick={() => {
          setTrying(true);
          void tryAgain().finally(() => setTrying(false));
        }}
      >
        Try again
      </Button>
    </div>
  );
}
