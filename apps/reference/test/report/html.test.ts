import { describe, expect, it } from "vitest";
import { escapeHtml, htmlTable, page } from "../../src/report/html.js";

const hostile = `</title></td><script>alert("1")</script><img src=x onerror='alert(1)'>&lt;`;

describe("escapeHtml", () => {
  it("leaves no character that begins or ends a tag, an attribute or an entity", () => {
    expect(escapeHtml(`<a href="x" id='y'>&`)).toBe("&#60;a href=&#34;x&#34; id=&#39;y&#39;&#62;&#38;");
    expect(escapeHtml(hostile)).not.toMatch(/[<>"']|&(?!#\d+;)/);
  });

  it("says the same text again when a browser reads it", () => {
    const read = escapeHtml(hostile).replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
    expect(read).toBe(hostile);
  });
});

describe("htmlTable", () => {
  it("has a head row, a row for each other, and escapes every cell", () => {
    expect(
      htmlTable([
        ["arm", hostile],
        ["a", "1"],
        ["<b>", "2"],
      ]),
    ).toBe(
      `<table><tr><th>arm</th><th>${escapeHtml(hostile)}</th></tr><tr><td>a</td><td>1</td></tr><tr><td>&#60;b&#62;</td><td>2</td></tr></table>`,
    );
  });
});

describe("page", () => {
  const html = page(hostile, ["<p>one</p>", "<p>two</p>"]);

  it("is one document with the title escaped and the body as given", () => {
    expect(html.match(/<title>(.*?)<\/title>/)?.[1]).toBe(escapeHtml(hostile));
    expect(html).toContain(`<h1>${escapeHtml(hostile)}</h1>\n<p>one</p>\n<p>two</p>\n</body></html>`);
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
  });

  it("runs nothing and asks for nothing: no script, no reference, and a policy that would forbid both", () => {
    expect(html).not.toMatch(/<script|<link|<iframe|<object|<embed|<img|@import|url\(/i);
    for (const [tag] of html.matchAll(/<[a-z][^>]*>/g)) expect(tag).not.toMatch(/\s(on\w+|src|href)=/);
    const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(html)?.[1];
    expect(policy).toBe("default-src 'none'; style-src 'unsafe-inline'");
    expect(html.indexOf("Content-Security-Policy")).toBeLessThan(html.indexOf("<title>"));
  });
});
