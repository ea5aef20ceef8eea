#!/bin/sh
# ForceCommand of the loopback board: what sshd starts for every session. HOME and the BOARD_ variables
# come from sshd_config (SetEnv).
cd "$HOME" || exit 1
case $SSH_ORIGINAL_COMMAND in
internal-sftp* | */sftp-server*) exec "$BOARD_SFTP" ;;
esac
export LD_PRELOAD="$BOARD_SHIM"
exec /bin/sh -c "${SSH_ORIGINAL_COMMAND:-exec /bin/sh -i}"
