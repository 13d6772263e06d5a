import { createAssets } from "@gridboss/assets";
import { AssetsProvider } from "@gridboss/assets/react";
import { createRoot } from "react-dom/client";
import { App } from "./App.js";
import { Announcer } from "./announce.js";
import { readToken } from "./token.js";
import "./styles/base.css";
import "./styles/page.css";
import "./styles/uppy.css";

const assets = createAssets({ baseUrl: "", getToken: readToken });

// A file that misses its place must not take the place of this page.
for (const name of ["dragover", "drop"]) {
  window.addEventListener(name, (event) => event.preventDefault());
}

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no root.");
createRoot(root).render(
  <AssetsProvider assets={assets}>
    <Announcer>
      <App />
    </Announcer>
  </AssetsProvider>,
);
