import { isBuiltin } from "node:module";
import { posix } from "node:path";
import ts from "typescript";
import type { Workspace } from "./workspaces.js";

/** What the checks compare a workspace with. */
export interface Repository {
  readonly workspaces: readonly Workspace[];
  /** One row for each package, by its name without `@x/`. */
  readonly rows: Readonly<Record<string, Row>>;
  /** What the root installs for the development of all. */
  readonly tools: readonly string[];
}

/** What a package may import. */
export interface Row {
  /** The `@x` packages, for `dependencies` and for everything under `src`. */
  readonly imports: readonly string[];
  /** The entries that may use Node's built-ins; undefined for a package that is for Node alone. */
  readonly nodeEntries?: readonly string[];
}

/** Checks of one workspace: each gives one line for every violation. Apps and docs have no row and may import all. */
const checks = {
  manifestGaps,
  dependenciesOutsideRow,
  importsOutsideRow,
  undeclared,
  leaving,
  deep,
  builtins,
  backends,
};

/** Everything that is wrong with a workspace of a repository. */
export function violations(workspace: Workspace, repository: Repository): string[] {
  return Object.values(checks).flatMap((check) => check(workspace, repository));
}

const isPackage = ({ folder }: Workspace) => folder.startsWith("packages/");
const shortName = ({ manifest }: Workspace) => manifest.name.replace(/^@x\//, "");
const family = (specifier: string) => /^@x\/([^/]+)(?:\/(.+))?$/.exec(specifier);
const packageOf = (specifier: string) => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

interface Import {
  readonly file: string;
  readonly specifier: string;
}

/** Every module named in an import, export, `import type` or `import("…")` under `src` or `test`. */
function importsOf({ sources }: Workspace, part: "src" | "test"): Import[] {
  return [...sources]
    .filter(([file]) => file.startsWith(`${part}/`))
    .flatMap(([file, text]) =>
      ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => ({ file, specifier: fileName })),
    );
}

/** What every published package says of itself; only apps and docs are private. */
function manifestGaps(workspace: Workspace): string[] {
  const { folder, manifest, hasReadme } = workspace;
  const gap = (ok: boolean, what: string) => (ok ? [] : [`${folder}/package.json: ${what}`]);
  if (!isPackage(workspace)) return gap(manifest.private === true, "apps and docs must be private");
  const conditions = Object.entries(manifest.exports ?? {}).filter(([entry]) => entry !== "./package.json");
  return [
    ...gap(!manifest.private, "must not be private"),
    ...gap(manifest.name === `@x/${folder.split("/")[1]}`, "name must be the folder's"),
    ...gap(Boolean(manifest.description), "must have a description"),
    ...gap(Boolean(manifest.license), "must have a license"),
    ...gap(manifest.repository?.directory === folder, `repository.directory must be ${folder}`),
    ...gap(manifest.type === "module", "type must be module"),
    ...gap(manifest.sideEffects !== undefined, "must say sideEffects"),
    ...gap(manifest.engines?.node === ">=20.19", "engines.node must be >=20.19"),
    ...gap(manifest.publishConfig?.access === "public", "publishConfig.access must be public"),
    ...gap(
      ["dist", "README.md"].every((file) => manifest.files?.includes(file)),
      "files must have dist, README.md",
    ),
    ...gap(manifest.exports?.["./package.json"] !== undefined, "exports must have ./package.json"),
    ...gap(conditions.length > 0, "must export something"),
    ...gap(
      conditions.every(([, to]) => typeof to === "object" && to.types !== undefined && to.default !== undefined),
      "every entry of exports must have types and default",
    ),
    ...gap(hasReadme, "must have a README.md"),
  ];
}

function dependenciesOutsideRow(workspace: Workspace, { rows }: Repository): string[] {
  const { folder, manifest } = workspace;
  const peers = Object.keys(manifest.peerDependencies ?? {}).filter(family);
  const wrong = peers.map((name) => `${folder}/package.json: ${name} must be a dependency, not a peer`);
  if (!isPackage(workspace)) return wrong;
  const row = rows[shortName(workspace)];
  if (!row) return [...wrong, `${folder}: the table of layers has no row for it`];
  const outside = Object.keys(manifest.dependencies ?? {}).filter((name) => {
    const [, short] = family(name) ?? [];
    return short !== undefined && !row.imports.includes(short);
  });
  return [...wrong, ...outside.map((name) => `${folder}/package.json: its layer may not depend on ${name}`)];
}

function importsOutsideRow(workspace: Workspace, { rows }: Repository): string[] {
  if (!isPackage(workspace)) return [];
  const allowed = rows[shortName(workspace)]?.imports ?? [];
  return importsOf(workspace, "src")
    .filter(({ specifier }) => {
      const [, short] = family(specifier) ?? [];
      return short !== undefined && !allowed.includes(short);
    })
    .map(({ file, specifier }) => `${workspace.folder}/${file}: its layer may not import ${specifier}`);
}

/** What a package imports its users must get with it; tests and apps may also use what is there for development. */
function undeclared(workspace: Workspace, { tools }: Repository): string[] {
  const { folder, manifest } = workspace;
  const installed = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies };
  const present = [manifest.name, ...Object.keys({ ...installed, ...manifest.devDependencies }), ...tools];
  const missing = (part: "src" | "test", declared: readonly string[]) =>
    importsOf(workspace, part)
      .filter(({ specifier }) => !specifier.startsWith(".") && !isBuiltin(specifier))
      .filter(({ specifier }) => !declared.includes(packageOf(specifier)))
      .map(({ file, specifier }) => `${folder}/${file}: ${specifier} is not declared in package.json`);
  return [...missing("src", isPackage(workspace) ? Object.keys(installed) : present), ...missing("test", present)];
}

function leaving(workspace: Workspace): string[] {
  return [...importsOf(workspace, "src"), ...importsOf(workspace, "test")]
    .filter(
      ({ file, specifier }) => specifier.startsWith(".") && posix.join(posix.dirname(file), specifier).startsWith(".."),
    )
    .map(({ file, specifier }) => `${workspace.folder}/${file}: ${specifier} leaves the package`);
}

/** An `@x` import must name an entry that its package exports. */
function deep(workspace: Workspace, { workspaces }: Repository): string[] {
  return [...importsOf(workspace, "src"), ...importsOf(workspace, "test")]
    .filter(({ specifier }) => {
      const [, short, entry] = family(specifier) ?? [];
      if (short === undefined) return false;
      const target = workspaces.find((other) => shortName(other) === short);
      return target?.manifest.exports?.[entry === undefined ? "." : `./${entry}`] === undefined;
    })
    .map(({ file, specifier }) => `${workspace.folder}/${file}: ${specifier} is not exported`);
}

/** Entries that promise to run outside of Node reach no built-in. */
function builtins(workspace: Workspace, { rows }: Repository): string[] {
  const { nodeEntries } = rows[shortName(workspace)] ?? {};
  if (!isPackage(workspace) || !nodeEntries) return [];
  const imports = importsOf(workspace, "src");
  return Object.entries(workspace.manifest.exports ?? {}).flatMap(([entry, to]) => {
    const source = typeof to === "object" ? to["@x/source"] : undefined;
    if (source === undefined || nodeEntries.includes(entry)) return [];
    const reached = new Set([posix.normalize(source)]);
    for (const file of reached)
      for (const { specifier } of imports.filter((i) => i.file === file && i.specifier.startsWith(".")))
        reached.add(posix.join(posix.dirname(file), specifier).replace(/\.js$/, ".ts"));
    return imports
      .filter(({ file, specifier }) => reached.has(file) && isBuiltin(specifier))
      .map(({ file, specifier }) => `${workspace.folder}/${file}: ${entry} must do without ${specifier}`);
  });
}

/** Only runtime knows backends; a package that uses tensors has tfjs-core as a peer. */
function backends(workspace: Workspace): string[] {
  if (!isPackage(workspace)) return [];
  const { folder, manifest, sources } = workspace;
  const found = importsOf(workspace, "src").flatMap(({ file, specifier }) => {
    if (/^@tensorflow\/tfjs-(backend|node)/.test(specifier) && shortName(workspace) !== "runtime")
      return [`${folder}/${file}: only runtime may import ${specifier}`];
    if (
      packageOf(specifier) === "@tensorflow/tfjs-core" &&
      manifest.peerDependencies?.["@tensorflow/tfjs-core"] !== "^4.22.0"
    )
      return [`${folder}/package.json: peerDependencies must have @tensorflow/tfjs-core ^4.22.0`];
    return [];
  });
  const setting = [...sources].filter(
    ([file, text]) => file.startsWith("src/") && /\bsetBackend\(/.test(text) && shortName(workspace) !== "runtime",
  );
  return [...new Set(found), ...setting.map(([file]) => `${folder}/${file}: only runtime may call setBackend`)];
}

/** The first cycle that `dependencies` and `devDependencies` make among the workspaces, as names, or none. */
export function dependencyCycle(all: readonly Workspace[]): readonly string[] | undefined {
  const next = new Map(
    all.map(({ manifest }) => [manifest.name, Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })]),
  );
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const dependency of next.get(name) ?? []) {
      const cycle = next.has(dependency) ? visit(dependency, [...path, name]) : undefined;
      if (cycle) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of next.keys()) {
    const cycle = visit(name, []);
    if (cycle) return cycle;
  }
  return undefined;
}
