import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { savedModel } from "../../src/graph/graph-def.js";
import { comparable } from "./comparable.js";
import { decode, graphDef, savedModelDef } from "./decode.js";
import { functions, nodes } from "./example-graph.js";
import { library } from "./tensorflow-library.js";

// Needs python3 and `npm run native`. To renew example-graph.pb: echo.py LIBRARY < graph > example-graph.pb
it("example-graph.pb is what TensorFlow says after reading our graph", () => {
  const { metaGraphs } = decode(savedModelDef, savedModel(nodes, functions)) as { metaGraphs: { graph: Uint8Array }[] };
  const echo = join(import.meta.dirname, "echo.py");
  const said = execFileSync("python3", [echo, library], { input: metaGraphs[0]!.graph, stdio: "pipe" });
  const kept = readFileSync(join(import.meta.dirname, "example-graph.pb"));
  expect(comparable(decode(graphDef, said))).toEqual(comparable(decode(graphDef, kept)));
});
