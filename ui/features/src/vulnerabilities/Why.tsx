// Why we say so: one card for each group of hosts that are alike, with the source that decided.
import type { FindingVariant } from "@luumen/api-client";
import { Machine, Pair, plural, StateMark } from "@luumen/kit";

import { EndOfLifeMark, FixMark } from "./parts";
import { AUTHORITIES, CONFIDENCES, STATUSES, VERDICTS } from "./words";

/** `libssl3 3.0.11-1 amd64`; with its path where no package manager keeps it. */
function installedWords({ name, version, arch, path }: FindingVariant["installed"][number]): string {
  return `${name} ${version}${arch ? ` ${arch}` : ""}${path ? ` in ${path}` : ""}`;
}

const INSTALLED_SHOWN = 6;

export function WhyCard({ variant, hosts = true }: { variant: FindingVariant; hosts?: boolean }) {
  const { verdict, why, platform, installed, running_kernel } = variant;
  const { tone, word, title } = VERDICTS[verdict];
  const shown = installed.slice(0, INSTALLED_SHOWN);
  return (
    <article className="why-card">
      <p className="in-line">
        <StateMark tone={tone} word={word} title={title} />
        <FixMark {...variant} />
        {variant.end_of_life && <EndOfLifeMark />}
        {running_kernel === false && <StateMark tone="off" word="Installed kernel, not the running one" />}
        {running_kernel === true && <StateMark tone="failed" word="In the running kernel" />}
      </p>
      <p className="why-sentence">{why}</p>
      <dl>
        <Pair label="On">
          <Machine>{platform === "app/" ? "outside of packages" : platform}</Machine>
          {hosts && `, ${plural(variant.host_count, "host")}`}
        </Pair>
        <Pair label="Installed">
          {shown.map((each) => (
            <div key={`${each.name}/${each.arch ?? ""}/${each.version}/${each.path ?? ""}`}>
              <Machine>{installedWords(each)}</Machine>
            </div>
          ))}
          {installed.length > shown.length && <span className="faint">and {installed.length - shown.length} more</span>}
        </Pair>
        {variant.fixed_version && (
          <Pair label="Fixed in">
            <Machine>{variant.fixed_version}</Machine>
            {variant.fix_channel && <span className="faint"> in {variant.fix_channel}</span>}
          </Pair>
        )}
        <Pair label="Decided by">
          <Machine>{variant.source}</Machine> <span className="secondary">({AUTHORITIES[variant.authority]})</span>: {STATUSES[variant.status]}
          {variant.advisory && (
            <>
              {", "}
              <Machine>{variant.advisory}</Machine>
            </>
          )}
        </Pair>
        {variant.note && <Pair label="In its words">{variant.note}</Pair>}
        <Pair label="Confidence">{CONFIDENCES[variant.confidence]}</Pair>
      </dl>
    </article>
  );
}

export function WhyCards({ variants }: { variants: FindingVariant[] }) {
  if (variants.length === 0) return <p className="secondary">No host has it any more, so there is nothing to explain.</p>;
  return (
    <div className="why-cards">
      {variants.map((variant, index) => (
        <WhyCard key={index} variant={variant} />
      ))}
    </div>
  );
}
