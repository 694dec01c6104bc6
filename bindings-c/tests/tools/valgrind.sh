#!/bin/sh
# Runs valgrind: the system's, else the distribution's package, fetched into a folder without being installed. Needs no root.
#
#   valgrind.sh <folder> setup          makes sure that there is one
#   valgrind.sh <folder> <arguments>    runs it
set -eu
folder=$1
shift

fetch() {
    if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
        echo "there is no valgrind, and no apt-get and dpkg to fetch it with: install valgrind" >&2
        exit 1
    fi
    rm -rf "$folder"
    mkdir -p "$folder/root" "$folder/archives" "$folder/lists/partial" "$folder/cache/archives/partial"
    # The system's lists of packages may be missing or old, and only root may renew them: these are this folder's own.
    own="-o Debug::NoLocking=1 -o Dir::State::Lists=$folder/lists -o Dir::Cache=$folder/cache"
    # shellcheck disable=SC2086 # Options are words.
    apt-get $own -qq update
    # shellcheck disable=SC2086
    (cd "$folder/archives" && apt-get $own -qq download valgrind libc6-dbg)
    for archive in "$folder"/archives/*.deb; do
        dpkg -x "$archive" "$folder/root"
    done
}

[ "$1" != setup ] || set -- --version

if [ "${OTTLA_FETCH_VALGRIND:-0}" = 0 ] && command -v valgrind >/dev/null; then
    exec valgrind "$@"
fi
[ -x "$folder/root/usr/bin/valgrind" ] || fetch
tool=$(find "$folder/root/usr" -name 'memcheck-*-linux' | head -n 1)
VALGRIND_LIB=$(dirname "$tool")
export VALGRIND_LIB
exec "$folder/root/usr/bin/valgrind" "--extra-debuginfo-path=$folder/root/usr/lib/debug" "$@"
