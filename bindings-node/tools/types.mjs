// Checks the declarations: what they promise (tsc, tsd), and that every way of importing the package finds them
// (arethetypeswrong), in the package as it is published, which the development build's library is no part of.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const stage = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-types-'));
const PARTS = ['package.json', 'README.md', 'lib', 'docs'];

async function run(tool, ...args) {
  const options = { cwd: root, env: { ...process.env, NO_COLOR: '1' } };
  try {
    await promisify(execFile)(path.join(root, 'node_modules/.bin', tool), args, options);
  } catch (error) {
    process.stderr.write(`${tool}: ${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}`);
    process.exitCode = 1;
  }
}

try {
  for (const part of PARTS) fs.cpSync(path.join(root, part), path.join(stage, part), { recursive: true });
  await Promise.all([
    run('tsc', '-p', 'test/types'),
    run('tsd', '--files', 'test/types/surface.test-d.ts'),
    run('attw', '--pack', stage),
  ]);
} finally {
  fs.rmSync(stage, { recursive: true, force: true });
}
