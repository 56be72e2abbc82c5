// Why a form was not taken, under its fields. Faults of single fields stand at the fields.
import { describeFailure, StateMark } from "@luumen/kit";

export function FormFailure({ error }: { error: unknown }) {
  if (!error) return null;
  const { title, detail, nextStep, code } = describeFailure(error);
  return (
    <div role="alert" className="form-failure">
      <StateMark tone="failed" word={title} />
      {detail && <p>{detail}</p>}
      <p className="faint">
        {nextStep} <span className="machine">{code}</span>
      </p>
    </div>
  );
}
