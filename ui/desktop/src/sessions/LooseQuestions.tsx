// Questions that belong to no pane: of a files connection, or of a session whose tab is not there.
import { Modal } from "@mantine/core";

import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { QuestionForm } from "./QuestionForm";

export function LooseQuestions() {
  const desk = useDesk();
  const questions = useStore(desk.follow.questions);
  const layout = useStore(desk.layout);
  const sessions = useStore(desk.follow.sessions);
  const shown = new Set(Object.values(layout.panes).map(({ session }) => session));
  const asked = questions.find(({ session }) => session === null || !shown.has(session));
  const title = (asked?.session && sessions.get(asked.session)?.title) || "";
  const dismiss = () => {
    if (!asked) return;
    desk.follow.answered(asked.id);
    void desk.backend.call("question_answer", { question: asked.id, answer: { kind: "cancel" } });
  };
  return (
    <Modal opened={asked !== undefined} onClose={dismiss} title={title ? `${title} asks` : "Luumen asks"} size="lg">
      {asked && <QuestionForm key={asked.id} asked={asked} />}
    </Modal>
  );
}
