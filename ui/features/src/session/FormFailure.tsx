// Why a form was not taken, under its fields. What is wrong with single fields stands at them, too.
import { ApiError } from "@luumen/api-client";
import { describeFailure, StateMark } from "@luumen/kit";

export function FormFailure({ error }: { error: unknown }) {
  if (!error) return null;
  const { title, detail, nextStep, code } = describeFailure(error);
  const faults = error instanceof ApiError ? Object.entries(error.fields) : [];
  return (
    <div role="alert" className="form-failure">
      <StateMark tone="failed" word={title} />
      {detail && <p>{detail}</p>}
      {faults.map(([field, fault]) => (
        <p key={field}>
          {field.replaceAll("_", " ")}: {fault}
        </p>
      ))}
      <p className="faint">
        {faults.length > 0 ? "Correct this." : nextStep} <span className="machine">{code}</span>
      </p>
    </div>
  );
}
