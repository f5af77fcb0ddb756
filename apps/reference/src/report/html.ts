/** Text that is inert inside HTML text and attribute values. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid #8884; }
th:first-child, td:first-child { text-align: left; }
figure { margin: 1rem 0; overflow-x: auto; }
svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: currentColor; } svg .grid { stroke: #8883; }
.key { margin-right: 1rem; } .key i { display: inline-block; width: .8rem; height: .8rem; margin-right: .3rem; border-radius: 2px; }
.plan { border-left: 3px solid #0072b2; padding: .1rem .8rem; margin: .4rem 0; }
.plan p { margin: .2rem 0; } .plan small { color: #888; }
.strip { width: 100%; height: 1rem; }
code { font-size: .9em; }
`;

/** A page that needs nothing from outside and may run nothing: its policy allows nothing but inline styles. */
export function page(title: string, body: readonly string[]): string {
  return [
    "<!doctype html>",
    `<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escapeHtml(title)}</title><style>${style}</style></head><body>`,
    `<h1>${escapeHtml(title)}</h1>`,
    ...body,
    "</body></html>\n",
  ].join("\n");
}

/** A table whose first row is the head. */
export function htmlTable(rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[], tag: "th" | "td") =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  return `<table>${row(rows[0]!, "th")}${rows
    .slice(1)
    .map((cells) => row(cells, "td"))
    .join("")}</table>`;
}
