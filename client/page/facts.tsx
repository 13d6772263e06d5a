/** Name and value, one below the other: what is known of an object. */
import type { ReactNode } from "react";
import { clock } from "./format.js";

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

export function LinkFact({ expiresAt }: { expiresAt: number | undefined }) {
  return (
    <Fact name="Link">{expiresAt ? `valid until ${clock(expiresAt)}, then renewed` : "…"}</Fact>
  );
}
