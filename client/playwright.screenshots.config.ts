/** `npm run screenshots`: the end-to-end set-up, to take pictures instead of testing. */
import config from "./playwright.config.js";

export default { ...config, testDir: "screenshots", testMatch: "*.shots.ts", fullyParallel: true };
