// Bundles the plugin, with the SDK and the client in it: Stream Deck installs no packages. `build.js FOLDER` does so into a copy of the
// .sdPlugin folder.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

await build({
  entryPoints: [here("src/plugin.js")],
  outfile: join(process.argv[2] ?? here("io.partyline-psn.streamdeck.sdPlugin"), "bin", "plugin.mjs"),
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  legalComments: "inline",
  logLevel: "warning",
  // `ws` is CommonJS and asks for Node's own modules by `require`
  banner: { js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);' },
});
