// Writes docs/reference.md from the declarations and their comments; with `--check` says whether it is out of date.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const page = path.join(root, 'docs/reference.md');

/** Pages in order: what they are of, the declarations, and where to begin with types that others use. */
const PARTS = [
  ['ottla', 'lib/index.d.ts'], ['Items and options of calls', 'lib/common.d.ts'], ['ottla/testing', 'lib/testing.d.ts'],
  ['Errors', 'lib/errors.d.ts'], ['Kinds of errors', 'lib/generated/errors.d.ts'],
  ['The admin client\'s operations and types', 'lib/generated/admin.d.ts'],
];

function comment(node) {
  const docs = node.jsDoc ?? [];
  const text = docs.map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '').join('\n\n');
  return text.replaceAll(/\{@link ([\w.]+)\}/g, '`$1`').trim();
}

/** The declaration without its comments and the members that are told by themselves. */
function signature(node, source) {
  const text = source.text.slice(node.getStart(source), node.end).replaceAll(/\/\*\*[\s\S]*?\*\/\n?/g, '');
  return text.replaceAll(/^[ \t]*\n/gm, '').replace(/^export /, '').replace(/;$/, '').trim();
}

function told(node, source) {
  const lines = [];
  const name = node.name?.text ?? node.declarationList?.declarations[0].name.text;
  if (!name) return [];
  const members = (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) ? node.members : null;
  if (node.kind === ts.SyntaxKind.VariableStatement) return [];
  lines.push(`### ${name}`, '', comment(node), '');
  if (!members) {
    lines.push('```ts', signature(node, source), '```', '');
    return lines;
  }
  const fields = [];
  for (const member of members) {
    if (member.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.PrivateKeyword)) continue;
    const shown = signature(member, source);
    const said = comment(member).replaceAll(/\s*\n\s*\n\s*/g, '<br>').replaceAll(/\s*\n\s*/g, ' ');
    if (ts.isPropertySignature(member) || ts.isPropertyDeclaration(member)) {
      fields.push(`- \`${shown.replaceAll(/\s+/g, ' ')}\`${said ? ` — ${said}` : ''}`);
    } else {
      lines.push(...(fields.length > 0 ? [...fields.splice(0), ''] : []));
      lines.push('```ts', shown.replaceAll(/^ {2}/gm, ''), '```', '');
      if (comment(member)) lines.push(comment(member), '');
    }
  }
  if (fields.length > 0) lines.push(...fields, '');
  return lines;
}

const lines = [
  '<!-- Written from the declarations in lib/ by `npm run reference`; do not edit. -->', '', '# Reference', '',
  'Options of the clients (`ProducerConfig`, `ConsumerConfig`, `AdminConfig`) have Kafka\'s names; [the table of',
  'options](../../docs/client-options.md) has them all.', '',
];
for (const [title, file] of PARTS) {
  const source = ts.createSourceFile(file, fs.readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  lines.push(`## ${title}`, '');
  for (const node of source.statements) {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) continue;
    lines.push(...told(node, source));
  }
}
const text = `${lines.join('\n').replaceAll(/\n{3,}/g, '\n\n').trim()}\n`;
if (process.argv.includes('--check')) {
  const found = fs.existsSync(page) ? fs.readFileSync(page, 'utf8') : '';
  if (found !== text) {
    process.stderr.write('docs/reference.md is out of date: npm run reference\n');
    process.exitCode = 1;
  }
} else {
  fs.writeFileSync(page, text);
}
