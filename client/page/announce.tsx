/** One polite live region for the whole page, so that a screen reader says each thing once. */
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

const Announce = createContext<(message: string) => void>(() => {});

export const useAnnounce = () => useContext(Announce);

export function Announcer({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState({ message: "", count: 0 });
  const announce = useCallback(
    (message: string) => setSaid(({ count }) => ({ message, count: count + 1 })),
    [],
  );
  return (
    <Announce value={announce}>
      {children}
      <div className="only-heard" role="status" data-testid="announcer">
        {/* A new element is heard even when it says the same again. */}
        <span key={said.count}>{said.message}</span>
      </div>
    </Announce>
  );
}
