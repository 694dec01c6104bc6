// The package.json of the published package: what development needs is left out, and the packages with the native library,
// given after the file, are there in exactly its own version.
import { readFileSync } from 'node:fs';

const [file, ...platforms] = process.argv.slice(2);
const { scripts, devDependencies, ...published } = JSON.parse(readFileSync(file, 'utf8'));
published.files = published.files.filter((entry) => entry !== 'native');
published.optionalDependencies = Object.fromEntries(platforms.map((name) => [name, published.version]));
process.stdout.write(JSON.stringify(published, null, 2) + '\n');
