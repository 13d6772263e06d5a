/** For the package's other entries, which import this one by its name. No part of the interface. */
export { apiOf } from "./assets.js";
export { pause, safely } from "./waiting.js";
