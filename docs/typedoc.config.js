import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { OptionDefaults, ReflectionKind } from "typedoc";

const root = resolve(import.meta.dirname, "..");

/** The entries of all packages: source file from the root → the name it is imported by. */
const entries = new Map(
  readdirSync(join(root, "packages")).flatMap((folder) => {
    const { name, exports } = JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8"));
    return Object.entries(exports)
      .map(([entry, to]) => [to["@x/source"], name + entry.slice(1)])
      .filter(([source]) => source && existsSync(join(root, "packages", folder, source)))
      .map(([source, imported]) => [join("packages", folder, source), imported]);
  }),
);

/** The pages of a folder. */
const pages = (folder) =>
  readdirSync(join(import.meta.dirname, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`);

/** Calls each module by its import. */
function importNames({ converter }) {
  converter.on("createDeclaration", (_context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return;
    const [file] = reflection.sources ?? [];
    const name = [...entries].find(([source]) => file?.fullFileName.endsWith(source))?.[1];
    if (name) reflection.name = name;
  });
}

/** Everything that is exported has a doc comment. (The option `notDocumented` also asks for one on each field.) */
function documentedExports(app) {
  const visit = (parent) => {
    for (const child of parent.children ?? []) {
      const comments = [child, ...(child.signatures ?? [])].some((reflection) => reflection.hasComment());
      if (child.kindOf(ReflectionKind.SomeModule)) visit(child);
      else if (!comments && !child.kindOf(ReflectionKind.Reference))
        app.logger.validationWarning(`${child.getFriendlyFullName()} has no doc comment`);
    }
  };
  app.on("validateProject", visit);
}

export default {
  name: "@x",
  readme: "../README.md",
  entryPoints: [...entries.keys()].map((source) => join(root, source)),
  tsconfig: "tsconfig.api.json",
  projectDocuments: [...pages("tutorials"), ...pages("papers")],
  out: "api",
  plugin: [importNames, documentedExports],
  blockTags: [...OptionDefaults.blockTags, "@paper"],
  // Links of pages to files are checked by test/links.test.ts.
  validation: { invalidLink: true, invalidPath: false },
  treatWarningsAsErrors: true,
  disableGit: true,
  sourceLinkTemplate: "https://github.com/x/x/blob/main/{path}#L{line}",
  basePath: "..",
  excludeExternals: true,
  excludePrivate: true,
};
