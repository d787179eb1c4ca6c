#!/usr/bin/env bash
# Makes the Python environment of the bench's peers and prints its interpreter as the only line on stdout:
#   python=$(bench/peers/setup.sh) && "$python" bench/peers/anomalib_peer.py --help
# NFERD_PEERS_PYTHON=/path/to/python uses that interpreter as it is; otherwise .venv/peers is made once
# (several GB: PyTorch's Linux wheels bring CUDA) from PYTHON (default python3) and requirements.txt.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
venv="$here/../../.venv/peers"

check() {
  "$1" -c 'import anomalib, torch, timm, sklearn, scipy, onnx, onnxscript, onnxruntime, openvino, nncf, PIL' >&2 || {
    echo "setup.sh: $1 lacks a package of bench/peers/requirements.txt;" \
      "install them there or unset NFERD_PEERS_PYTHON" >&2
    exit 1
  }
}

if [[ -n "${NFERD_PEERS_PYTHON:-}" ]]; then
  [[ -x "$NFERD_PEERS_PYTHON" ]] || {
    echo "setup.sh: NFERD_PEERS_PYTHON=$NFERD_PEERS_PYTHON is no executable" >&2
    exit 1
  }
  check "$NFERD_PEERS_PYTHON"
  echo "$NFERD_PEERS_PYTHON"
  exit
fi

# The copy of requirements.txt is written last: an interrupted install is taken up again.
if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
  "${PYTHON:-python3}" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "setup.sh: ${PYTHON:-python3} is older than Python 3.11; set PYTHON to a newer one" >&2
    exit 1
  }
  "${PYTHON:-python3}" -m venv "$venv" >&2
  "$venv/bin/python" -m pip install -r "$here/requirements.txt" >&2
  cp "$here/requirements.txt" "$venv/requirements.txt"
fi
venv="$(cd "$venv" && pwd)"
check "$venv/bin/python"
echo "$venv/bin/python"
