import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** The root of the repository. */
export const root = join(import.meta.dirname, "..", "..");

/** The part of package.json that the checks read. */
export interface Manifest {
  readonly name: string;
  readonly version?: string;
  readonly description?: string;
  readonly license?: string;
  readonly private?: boolean;
  readonly type?: string;
  readonly sideEffects?: boolean | readonly string[];
  readonly repository?: { readonly directory?: string };
  readonly engines?: { readonly node?: string };
  readonly files?: readonly string[];
  readonly publishConfig?: { readonly access?: string };
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** One folder with a package.json, in memory, so that tests can plant what must not be there. */
export interface Workspace {
  /** From the root: `packages/core`. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** TypeScript under `src` and `test`, by path from the folder: `src/index.ts`. */
  readonly sources: ReadonlyMap<string, string>;
  readonly hasReadme: boolean;
}

/** Every workspace of the repository, packages first. */
export function readWorkspaces(): Workspace[] {
  const children = (parent: string) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
  return [...children("packages"), ...children("apps"), "docs"]
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .map((folder) => ({
      folder,
      manifest: JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")),
      sources: new Map(["src", "test"].flatMap((part) => readSources(join(root, folder), part))),
      hasReadme: existsSync(join(root, folder, "README.md")),
    }));
}

function readSources(folder: string, part: string): [string, string][] {
  if (!existsSync(join(folder, part))) return [];
  return readdirSync(join(folder, part), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(folder, path).split(sep).join("/"), readFileSync(path, "utf8")]);
}
