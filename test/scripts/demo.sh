#!/usr/bin/env bash
# What `make demo` shows: a trained network compiled, deployed over SSH, run, timed and proved right, on a
# board that an OpenSSH server on this machine and qemu-user make up. A real board takes the same commands.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ -z "${LOOPBACK_BOARD:-}" ]; then
  cat << 'END'

Tilewright demo: a small network of grouped convolutions, trained on handwritten digits, goes from its ONNX
file to a binary on an Arm board.

No board is needed: an OpenSSH server is started on 127.0.0.1, whose Arm programs run on an emulated
Cortex-A72 (the core of a Raspberry Pi 4). Tilewright reaches it by its alias `rpi4`, as it would reach a
real one: ssh configuration, host key, login, sftp, exec.
END
  exec node test/support/loopback-board/with-board.mjs --cpu cortex-a72 --alias rpi4 -- "$0"
fi

digits=test/fixtures/digits
model=$digits/digits.onnx
out=.tilewright/demo
rm -rf "$out"
mkdir -p "$out"
# A short name for the configuration: it says where the board is and which key opens it.
ln -s "$LOOPBACK_SSH_CONFIG" $out/ssh_config
board=(--board "$LOOPBACK_BOARD" --ssh-config $out/ssh_config)
[ -t 1 ] && [ -z "${NO_COLOR:-}" ] && export FORCE_COLOR=1

step() { printf '\n== %s\n' "$1"; }

# Shows a command and runs it. Its hint at the next command is left out: that comes anyway.
tilewright() {
  printf '\n$ tilewright'
  printf ' %s' "$@"
  printf '\n'
  node dist/cli/main.js "$@" 2>&1 | sed -u '/^next: /d'
}

step "1. ONNX to C, weights and a static binary"
tilewright compile $model --target rpi4 -o $out/bundle

step "2. one image, on the board"
tilewright run $model "${board[@]}" --input $digits/one.npy --output-dir $out/one
node test/scripts/show-digit.mjs $digits/one.npy $out/one/probabilities.npy

step "3. all test images, on the board; compared with their labels and with ONNX Runtime here"
tilewright run $model "${board[@]}" --input $digits/test.npz:images --output-dir $out/all
node test/scripts/check-digits.mjs $model $digits/test.npz $out/all/probabilities.npy

step "4. times, layer by layer"
tilewright bench $model "${board[@]}" --repeats 30

step "5. proof: every layer's result on the board against its kernel run as TypeScript"
tilewright verify $model "${board[@]}"

step "6. a layer tuned: candidates are checked on the board; as that is emulated, their times are modelled"
tilewright tune $model "${board[@]}" --layer /group4/group4.0/Conv --budget 16 --log $out/tune.jsonl

step "7. a report: one HTML file of the network, its layers, memory and kernels; cycles are those of the core's model"
tilewright report $model --board qemu-rpi4 --log $out/tune.jsonl -o $out/report.html

cat << END

The demo is over. What it compiled lies in $out/bundle: C with a header, which also builds with its own
Makefile. What to try next:

  npm link                                   makes \`tilewright\` a command; until then: node dist/cli/main.js
  xdg-open $out/report.html    the report, in a browser
  tilewright bench $model --board host
                                             real times, on this machine
  tilewright bench YOUR.onnx --board user@host --target rpi4
                                             your network on your board
  tilewright tune YOUR.onnx --board user@host --target rpi4 --budget 10m
                                             faster kernels for it, searched there
  tilewright test YOUR.onnx --board user@host --target rpi4
                                             every layer of it against a reference
  tilewright targets list                    the boards that can be compiled for
END
