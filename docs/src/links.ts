import { posix } from "node:path";

/**
 * The links of a markdown page that lead nowhere inside the repository: to a file or folder that is absent, or to a heading
 * that the page linked to does not have. Links to other sites are not followed.
 *
 * @param read - the text of a markdown page, `""` for any other file or folder, undefined for what is absent; paths from the root.
 */
export function deadLinks(page: string, read: (path: string) => string | undefined): string[] {
  const text = withoutCode(read(page) ?? "");
  return [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [path = "", heading] = target.split("#");
      const to = path === "" ? page : posix.join(posix.dirname(page), decodeURI(path));
      const found = read(to);
      return found === undefined || (heading !== undefined && !headings(found).includes(heading));
    })
    .map((target) => `${page}: ${target}`);
}

const withoutCode = (text: string) => text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");

/** The anchors that GitHub gives the headings of a page. */
function headings(text: string): string[] {
  return [...text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ +(.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}
