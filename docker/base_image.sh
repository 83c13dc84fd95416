#!/usr/bin/env bash
# Makes debian:bookworm-slim, the image that every Dockerfile here begins with, from Debian's packages, and gives it to
# the engine under that name: for machines that reach a Debian mirror but no registry. Needs root and mmdebstrap.
#
#   docker/base_image.sh            does nothing if the engine has the image already
set -euo pipefail
readonly image=debian:bookworm-slim

if docker image inspect "$image" >/dev/null 2>&1; then
  printf 'base_image: the engine has %s\n' "$image"
  exit 0
fi
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
# What the published image leaves out, this one does, too; and like it, it writes packages without waiting for the disk.
mmdebstrap --quiet --variant=minbase --components=main \
  --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='force-unsafe-io' \
  bookworm "$folder/base.tar" \
  'deb http://deb.debian.org/debian bookworm main' \
  'deb http://deb.debian.org/debian bookworm-updates main' \
  'deb http://deb.debian.org/debian-security bookworm-security main'
docker import --change 'CMD ["bash"]' "$folder/base.tar" "$image" >/dev/null
printf 'base_image: made %s from packages\n' "$image"
