/** What stands around the two sections: header, notices, sign-in and footer. */
import { type ReactNode, useId, useState } from "react";
import { readToken, writeToken } from "./token.js";

export function Header({ bucket }: { bucket: string | undefined }) {
  return (
    <header>
      <div className="inside">
        <h1>
          <img src="/page/icon.svg" alt="" width="36" height="36" />
          GridBoss Assets
        </h1>
        <p>
          Files go straight to the bucket <b className="bucket">{bucket ?? "…"}</b>, are inspected
          and sealed there, and come back through a signed link.
        </p>
      </div>
      <svg className="livery" viewBox="0 0 200 100" preserveAspectRatio="none" aria-hidden="true">
        <path d="M45 0h55L55 100H0zM124 0h24l-45 100H79zM172 0h8l-45 100h-8z" />
      </svg>
    </header>
  );
}

export function Notice({ children, role }: { children: ReactNode; role?: "alert" }) {
  return (
    <p className="notice" role={role}>
      {children}
    </p>
  );
}

export function SignIn() {
  const [token, setToken] = useState(readToken() ?? "");
  const hint = useId();
  return (
    <div className="sign-in">
      <label>
        Access token
        <input
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={token}
          aria-describedby={hint}
          onChange={(event) => {
            setToken(event.target.value);
            writeToken(event.target.value.trim());
          }}
        />
      </label>
      <small id={hint}>
        <code>gridboss-assets token --sub NAME</code> makes one. It is kept in this tab only.
      </small>
    </div>
  );
}

export function Footer() {
  return (
    <footer>
      <nav className="inside" aria-label="Server">
        <a href="/openapi.json">The API</a>
        <a href="/readyz">Is it ready?</a>
        <a href="/page/licenses.md">Licences of this page</a>
      </nav>
    </footer>
  );
}
