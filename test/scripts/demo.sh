#!/usr/bin/env bash
# What `make demo` shows: a trained network compiled, deployed over SSH, run, timed and proved right, on a
# board that an OpenSSH server on this machine and qemu-user make up. A real board takes the same commands.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ -z "${LOOPBACK_BOARD:-}" ]; then
  echo "starting an OpenSSH server on 127.0.0.1 whose ARM programs run on an emulated Cortex-A72 ..."
  exec node test/support/loopback-board/with-board.mjs --cpu cortex-a72 --alias rpi4 -- "$0"
fi

digits=test/fixtures/digits
out=.tilewright/demo
board=(--board "$LOOPBACK_BOARD" --ssh-config "$LOOPBACK_SSH_CONFIG")
rm -rf "$out"

tilewright() {
  printf '\n$ tilewright'
  printf ' %s' "$@"
  printf '\n'
  node dist/cli/main.js "$@"
}

tilewright compile $digits/digits.onnx --target rpi4 -o $out/bundle
tilewright run $digits/digits.onnx "${board[@]}" --input $digits/one.npy --output-dir $out/one
node test/scripts/show-digit.mjs $digits/one.npy $out/one/probabilities.npy
tilewright run $digits/digits.onnx "${board[@]}" --input $digits/test.npz:images --output-dir $out/all
node test/scripts/accuracy.mjs $digits/test.npz $out/all/probabilities.npy
tilewright bench $digits/digits.onnx "${board[@]}"
tilewright verify $digits/digits.onnx "${board[@]}"
printf '\nThe demo is over. With a board of your own: tilewright bench YOUR.onnx --board user@host --target rpi4\n'
