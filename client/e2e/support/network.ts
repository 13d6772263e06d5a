/** How fast one page uploads, and whether its browser says that there is a network. */
import type { CDPSession, Page } from "@playwright/test";

export class Network {
  private constructor(
    private readonly page: Page,
    private readonly session: CDPSession,
  ) {}

  static async of(page: Page): Promise<Network> {
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    return new Network(page, session);
  }

  /** Uploads go no faster than this: loopback is too fast for anybody to see what happens. */
  async slow(bytesPerSecond: number): Promise<void> {
    await this.session.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: bytesPerSecond,
    });
  }

  /** As fast as it can. */
  fast(): Promise<void> {
    return this.slow(-1);
  }

  /** No new connection; what is under way goes on. */
  async offline(): Promise<void> {
    await this.page.context().setOffline(true);
  }

  async online(): Promise<void> {
    await this.page.context().setOffline(false);
  }
}
