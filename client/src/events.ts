/** Server-sent events (WHATWG HTML §9.2), read by `fetch`: an `EventSource` can send no token. */
import { createParser, type EventSourceMessage } from "eventsource-parser";

/**
 * The events of an answer, as they come. `heard` is called for whatever comes, a comment too: the
 * connection lives. Ends with the answer, and rejects when the connection breaks.
 */
export async function* events(
  answer: Response,
  heard: () => void,
): AsyncGenerator<EventSourceMessage> {
  const reader = answer.body?.getReader();
  if (!reader) return;
  const found: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => found.push(event) });
  const decoder = new TextDecoder(); // keeps the first bytes of a character until the others come
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      parser.feed(decoder.decode(value, { stream: true }));
      yield* found.splice(0);
    }
  } finally {
    // Whoever reads no further closes the connection.
    reader.cancel().catch(() => {});
  }
}
