/** Name and value, one below the other: what is known of an object. */
import type { ReactNode } from "react";
import { clock } from "./format.js";
import { expiry } from "./links.js";

export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function LinkFact({ url }: { url: string | undefined }) {
  const until = url === undefined ? null : expiry(url);
  return <Fact name="Link">{until ? `valid until ${clock(until)}, then renewed` : "…"}</Fact>;
}
