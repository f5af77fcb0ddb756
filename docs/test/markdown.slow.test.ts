import ts from "typescript";
import { describe, expect, it } from "vitest";
import { writePages } from "../src/pages.js";
import { root } from "../src/workspaces.js";

describe("the examples of all pages", () => {
  it("have the types of the packages", () => {
    const pages = writePages();
    const config = ts.getParsedCommandLineOfConfigFile(`${root}/docs/tsconfig.json`, undefined, {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ messageText }) => expect.fail(String(messageText)),
    });
    const program = ts.createProgram(
      pages.map(({ module }) => module),
      config!.options,
    );
    const problems = pages.flatMap(({ module, name }) => {
      const file = program.getSourceFile(module)!;
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
        ({ start = 0, messageText }) =>
          `${name}:${file.getLineAndCharacterOfPosition(start).line + 1}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
      );
    });
    expect(problems).toEqual([]);
  });
});
