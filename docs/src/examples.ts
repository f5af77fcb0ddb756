import ts from "typescript";

/** A page's examples as one module. */
export interface Example {
  /** TypeScript whose lines have the numbers of the page's lines. */
  readonly code: string;
  /** The lines that claim a value. */
  readonly claims: readonly number[];
}

type Edit = { readonly from: number; readonly to: number; readonly text: string };

/**
 * Joins the `ts` fences of a markdown page into one module that checks what it shows.
 *
 *   EXPR; // => VALUE           becomes   $shown(LINE, EXPR, VALUE);
 *   const x = EXPR; // => VALUE   becomes   const x = EXPR; $shown(LINE, x, VALUE);
 *
 * The module may await at its top level, as a page's reader would. What a page imports twice is imported once.
 * A number with a point or an exponent is compared to the digits that are shown, everything else exactly.
 *
 * @throws Error, naming the line, for a `// =>` that stands behind anything else or shows no expression.
 */
export function exampleOf(markdown: string, page: string): Example {
  const code = fences(markdown);
  const file = ts.createSourceFile(page, code, ts.ScriptTarget.Latest, true);
  const lineAt = (position: number) => file.getLineAndCharacterOfPosition(position).line + 1;
  const edits: Edit[] = importedOnce(file);
  const claims: number[] = [];

  const visit = (node: ts.Node): void => {
    const value = ts.isExpressionStatement(node) || ts.isVariableStatement(node) ? shownBehind(code, node) : undefined;
    if (value !== undefined) {
      const line = lineAt(node.end);
      const shown = `${expected(value, `${page}:${line}`)});`;
      if (ts.isExpressionStatement(node)) {
        const { expression } = node;
        edits.push({ from: expression.getStart(), to: expression.getStart(), text: `$shown(${line}, ` });
        edits.push({ from: expression.end, to: node.end, text: `, ${shown}` });
      } else {
        const name = (node as ts.VariableStatement).declarationList.declarations.at(-1)!.name.getText();
        edits.push({ from: node.end, to: node.end, text: ` $shown(${line}, ${name}, ${shown}` });
      }
      claims.push(line);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);

  for (const [index, text] of code.split("\n").entries())
    if (/\/\/\s*=>/.test(text) && !claims.includes(index + 1))
      throw new Error(`${page}:${index + 1}: "// =>" must stand behind the end of an expression, got ${text.trim()}`);
  return { code: apply(code, edits), claims };
}

/** The page with everything but its `ts` fences blanked. */
function fences(markdown: string): string {
  let open: string | undefined;
  const lines = markdown.split("\n").map((line) => {
    const fence = /^```(\w*)\s*$/.exec(line)?.[1];
    if (fence === undefined) return open === "ts" ? line : "";
    open = open === undefined ? fence : undefined;
    return "";
  });
  return lines.join("\n");
}

/** VALUE of the comment `// => VALUE` on the line where the statement ends. */
function shownBehind(code: string, { end }: ts.Node): string | undefined {
  const rest = code.slice(end, code.indexOf("\n", end) >>> 0);
  return /^\s*\/\/\s*=>\s*(.*)$/.exec(rest)?.[1];
}

/** VALUE with each number that has a point or an exponent replaced by one that holds to its digits. */
function expected(value: string, where: string): string {
  const file = ts.createSourceFile("value.ts", `(${value}\n)`, ts.ScriptTarget.Latest, true);
  const [statement, more] = file.statements;
  const diagnostics = ts.transpileModule(`(${value}\n)`, { reportDiagnostics: true }).diagnostics ?? [];
  if (!statement || more || diagnostics.length > 0)
    throw new Error(`${where}: "// =>" must show an expression, got ${value}`);
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNumericLiteral(node) && /[.e]/i.test(node.getText())) {
      const signed = ts.isPrefixUnaryExpression(node.parent) ? node.parent : node;
      edits.push({ from: signed.getStart(), to: signed.end, text: `$digits("${signed.getText()}")` });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return apply(file.text, edits).replace(/\n\)$/, ")");
}

/** Takes out the names that an earlier fence has imported already. */
function importedOnce(file: ts.SourceFile): Edit[] {
  const seen = new Set<string>();
  const isNew = (name: string) => !seen.has(name) && seen.add(name);
  return file.statements.filter(ts.isImportDeclaration).flatMap((declaration) => {
    const { importClause: clause } = declaration;
    if (!clause) return [];
    const type = clause.phaseModifier === ts.SyntaxKind.TypeKeyword ? "type " : "";
    const bindings = clause.namedBindings;
    const parts = [
      ...(clause.name && isNew(clause.name.text) ? [clause.name.text] : []),
      ...(bindings && ts.isNamespaceImport(bindings) && isNew(bindings.name.text) ? [bindings.getText()] : []),
    ];
    const named = bindings && ts.isNamedImports(bindings) ? bindings.elements.filter((e) => isNew(e.name.text)) : [];
    if (named.length > 0) parts.push(`{ ${named.map((element) => element.getText()).join(", ")} }`);
    const breaks = "\n".repeat(declaration.getText().split("\n").length - 1);
    const text =
      parts.length > 0 ? `import ${type}${parts.join(", ")} from ${declaration.moduleSpecifier.getText()};` : "";
    return [{ from: declaration.getStart(), to: declaration.end, text: text + breaks }];
  });
}

function apply(text: string, edits: readonly Edit[]): string {
  return [...edits]
    .sort((a, b) => b.from - a.from || b.to - a.to)
    .reduce((done, { from, to, text: by }) => done.slice(0, from) + by + done.slice(to), text);
}
