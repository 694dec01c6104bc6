process.once('exit', (code) => { process.exitCode = code; });
await broker.stop();
setTimeout(() => { process.stderr.write('the program does not end\n'); process.exit(3); }, 10_000).unref();
