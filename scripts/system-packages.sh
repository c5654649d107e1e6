#!/usr/bin/env bash
# Installs what some tests use beside Python: git, Chromium, which reports are opened in, Slurm, which
# scripts/local-slurm.sh starts, btrfs, a quota of which is used up, and Clang, a compiler for AArch64 and an emulator of
# it, by which compiled steps are made and run. Where that cannot be done, for want of apt-get, of rights or of the
# package, those tests are skipped and say why.
set -uo pipefail

wanted=()
for package in git chromium slurmctld slurmd clang; do
    command -v "$package" > /dev/null || wanted+=("$package")
done
command -v sbatch > /dev/null || wanted+=(slurm-client)
command -v mkfs.btrfs > /dev/null || wanted+=(btrfs-progs)
command -v qemu-aarch64 > /dev/null || wanted+=(qemu-user)
command -v aarch64-linux-gnu-gcc > /dev/null || wanted+=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
[ ${#wanted[@]} -gt 0 ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo "not installed, for want of apt-get or of rights: ${wanted[*]}" >&2
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || echo "apt-get update failed" >&2
for package in "${wanted[@]}"; do
    apt-get install -y -qq --no-install-recommends "$package" > /dev/null || echo "not installed: $package" >&2
done
