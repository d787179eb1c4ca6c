#!/usr/bin/env bash
# On a Linux x64 machine with an NVIDIA GPU: installs the CUDA provider from a package at hand, proves
# it, compares detection and training on CUDA with the processor and prints images/s.
#
#   scripts/cuda/check.sh PACKAGE [LIBRARIES]
#
# PACKAGE: a .nupkg, or the wheel of onnxruntime-gpu of the same version as node_modules/onnxruntime-node.
#   pip download --no-deps onnxruntime-gpu==$(node -p "require('onnxruntime-node/package.json').version")
# LIBRARIES: a folder with CUDA's and cuDNN's libraries (a venv's site-packages/nvidia), where the system has none.
# Needs node 20 or newer and node_modules. Everything else goes into a temporary folder; $OUT, where
# set, gets check.json.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -ge 1 ] || { sed -n '2,11p' "$0"; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export NFERD_CUDA_SOURCE="$1" NFERD_CUDA_LIBRARY_PATH="${2:-}" NFERD_CUDA_FOLDER="$work/cuda" XDG_DATA_HOME="$work/data"
nferd() { node --import tsx src/cli/main.ts "$@"; }

nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
nferd doctor --install-cuda
nferd doctor --provider cuda
node --import tsx scripts/cuda/compare.ts | tee "${OUT:-$work}/check.json"
